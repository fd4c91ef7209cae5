import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import t from 'tap'
import { type ArrayValue, makeKey, normal, type Tree } from '../../../core/index.js'
import {
  adamW,
  adamWCorrections,
  clipByGlobalNorm,
  type LossProgram,
  makeTrainer,
  type Trainer,
  type TrainerOptions,
  warmupCosine,
} from '../../../engine/index.js'

type Params<T> = { readonly weight: T; readonly rest: readonly T[] }
const init: Params<ArrayValue> = {
  weight: { shape: [4, 3], values: normal(makeKey(1), 12) },
  rest: [{ shape: [3], values: normal(makeKey(2), 3) }],
}
const loss = (params: Tree<Tensor>, { x, y }: { x: Tensor; y: Tensor }) => {
  const p = params as Params<Tensor>
  const error = tf
    .matMul(x, p.weight as tf.Tensor2D)
    .add(p.rest[0])
    .tanh()
    .sub(y)
  return { loss: error.square().mean(), largest: error.abs().max() }
}
const batchAt = (step: number) => ({
  x: { shape: [5, 4], values: normal(makeKey(step).split('x'), 20) },
  y: { shape: [5, 3], values: normal(makeKey(step).split('y'), 15) },
})
const options: TrainerOptions = {
  schedule: { peak: 0.05, warmup: 3, steps: 20 },
  optimiser: { weightDecay: 0.1 },
  clip: 0.3,
  ema: 0.8,
  threads: 2,
}

/** The same training written out by hand in float64, with gradients by central differences of the same loss. */
function byHand(steps: number): { params: number[]; ema: number[] } {
  const values = [...init.weight.values, ...init.rest[0].values]
  let p = values.map(Number)
  let ema = [...p]
  let m = p.map(() => 0)
  let v = p.map(() => 0)
  const lossAt = (q: readonly number[], step: number) => {
    const { x, y } = batchAt(step)
    let sum = 0
    for (let row = 0; row < 5; row++)
      for (let c = 0; c < 3; c++) {
        let z = q[12 + c]
        for (let k = 0; k < 4; k++) z += x.values[row * 4 + k] * q[k * 3 + c]
        sum += (Math.tanh(z) - y.values[row * 3 + c]) ** 2
      }
    return sum / 15
  }
  for (let step = 0; step < steps; step++) {
    let g = p.map((_, i) => {
      const moved = (by: number) =>
        lossAt(
          p.map((value, j) => (j === i ? value + by : value)),
          step,
        )
      return (moved(1e-5) - moved(-1e-5)) / 2e-5
    })
    const norm = Math.hypot(...g)
    g = g.map(value => value * Math.min(1, 0.3 / norm))
    m = m.map((value, i) => 0.9 * value + 0.1 * g[i])
    v = v.map((value, i) => 0.999 * value + 0.001 * g[i] ** 2)
    const rate = warmupCosine(options.schedule, step)
    const [c1, c2] = adamWCorrections(step)
    p = p.map((value, i) => value * (1 - rate * 0.1) - (rate * m[i] * c1) / (Math.sqrt(v[i] * c2) + 1e-8))
    ema = ema.map((value, i) => 0.8 * value + 0.2 * p[i])
  }
  return { params: p, ema }
}

t.test('the compiled step is AdamW with clipping, schedule and moving average', async t => {
  const trainer = makeTrainer(loss, init, options)
  for (let step = 0; step < 8; step++) await trainer.step(batchAt(step))
  const expected = byHand(8)
  const { params, ema, step } = trainer.state()
  t.equal(step, 8)
  const close = (a: Float32Array, b: readonly number[]) => a.every((value, i) => Math.abs(value - b[i]) < 2e-4)
  t.ok(close(params, expected.params), `${params} against ${expected.params}`)
  t.ok(close(ema, expected.ema))
  await trainer.close()
})

t.test('going on from a state gives the same bytes', async t => {
  const whole = makeTrainer(loss, init, options)
  for (let step = 0; step < 9; step++) await whole.step(batchAt(step))
  const begun = makeTrainer(loss, init, options)
  for (let step = 0; step < 4; step++) await begun.step(batchAt(step))
  const resumed = makeTrainer(loss, init, options, begun.state())
  for (let step = 4; step < 9; step++) await resumed.step(batchAt(step))
  t.same(resumed.state(), whole.state())
  for (const trainer of [whole, begun, resumed]) await trainer.close()
})

t.test('workers: the same training as one session, and going on gives the same bytes', async t => {
  const even = (step: number) => ({
    x: { shape: [6, 4], values: normal(makeKey(step).split('x'), 24) },
    y: { shape: [6, 3], values: normal(makeKey(step).split('y'), 18) },
  })
  const one = makeTrainer(loss, init, options)
  const shared = makeTrainer(loss, init, { ...options, workers: 2 })
  const measured = []
  for (let step = 0; step < 9; step++) measured.push([await one.step(even(step)), await shared.step(even(step))])
  const a = one.state()
  const b = shared.state()
  t.ok(a.params.every((value, i) => Math.abs(value - b.params[i]) < 1e-5))
  t.ok(measured.every(([x, y]) => Math.abs(x.loss.values[0] - y.loss.values[0]) < 1e-5))
  t.ok(measured.every(([x, y]) => Math.abs(x.gradient_norm.values[0] - y.gradient_norm.values[0]) < 1e-5))
  const begun = makeTrainer(loss, init, { ...options, workers: 2 })
  for (let step = 0; step < 4; step++) await begun.step(even(step))
  const resumed = makeTrainer(loss, init, { ...options, workers: 2 }, begun.state())
  for (let step = 4; step < 9; step++) await resumed.step(even(step))
  t.same(resumed.state(), b, 'to the byte')
  await t.rejects(shared.step(batchAt(1)), /divisible by 2/)
  for (const trainer of [one, shared, begun, resumed]) await trainer.close()
})

t.test('many parameters are updated part after part: the same as all at once', async t => {
  const size = 300
  const wide = { w: { shape: [size, size], values: normal(makeKey(5), size * size).map(x => 0.1 * x) } }
  const wideLoss = (params: Tree<Tensor>, { x }: { x: Tensor }) => {
    const { w } = params as { w: Tensor }
    return { loss: x.matMul(w).tanh().sub(1).square().mean() }
  }
  const x = { shape: [2, size], values: normal(makeKey(6), 2 * size) }
  const trainer = makeTrainer(wideLoss, wide, { ...options, threads: 1 })
  const eagerX = tf.tensor(x.values, [2, size])
  let params = tf.tensor(wide.w.values, [size, size])
  let [m, v, ema] = [tf.zerosLike(params), tf.zerosLike(params), params]
  for (let step = 0; step < 3; step++) {
    await trainer.step({ x })
    const slope = tf.grad((w: Tensor) => wideLoss({ w }, { x: eagerX }).loss)(params)
    const [correction1, correction2] = adamWCorrections(step).map(c => tf.scalar(c))
    const rate = tf.scalar(warmupCosine(options.schedule, step))
    const clipped = clipByGlobalNorm(slope, options.clip ?? 1).gradient
    const next = adamW({ params, m, v }, clipped, { rate, correction1, correction2 }, options.optimiser)
    ema = ema.mul(0.8).add(next.params.mul(0.2))
    params = next.params
    m = next.m
    v = next.v
  }
  for (const [which, want] of [
    ['latest', params],
    ['ema', ema],
  ] as const) {
    const { w } = trainer.params(which) as { w: ArrayValue }
    const expected = want.dataSync()
    t.same(w.shape, [size, size])
    // Adam divides by the gradient's size: where that is next to nothing, rounding shows.
    t.ok(
      w.values.every((value, i) => Math.abs(value - expected[i]) < 2e-4),
      which,
    )
  }
  const state = trainer.state()
  t.ok(state.params.length > size * size, 'the vector is a whole number of parts')
  t.ok(state.params.subarray(size * size).every(value => value === 0))
  await trainer.close()
})

t.test('it measures what the loss program measures, and measuring changes nothing', async t => {
  const trainer = makeTrainer(loss, init, options)
  const before = trainer.state()
  const measured = await trainer.measure(batchAt(1))
  t.same(trainer.state(), before)
  const stepped = await trainer.step(batchAt(1))
  t.equal(stepped.loss.values[0], measured.loss.values[0], 'the average begins at the parameters')
  t.equal(stepped.largest.values[0], measured.largest.values[0])
  t.throws(() => makeTrainer(loss, init, options, { ...before, params: new Float32Array(3) }))
  await trainer.close()
})

t.test('the schedule warms up, peaks and ends', async t => {
  const s = { peak: 1, warmup: 10, steps: 100, final: 0.1 }
  t.equal(warmupCosine(s, 0), 0.1)
  t.equal(warmupCosine(s, 9), 1)
  t.equal(warmupCosine(s, 10), 1)
  t.ok(Math.abs(warmupCosine(s, 55) - 0.55) < 1e-12)
  t.ok(Math.abs(warmupCosine(s, 100) - 0.1) < 1e-12)
})

type Noised = { readonly x: Tensor; readonly y: Tensor; readonly noise: { readonly scale?: Tensor; add: Tensor } }
const noisedLoss = (params: Tree<Tensor>, { x, y, noise }: Noised) =>
  loss(params, { x: x.add(noise.scale ? noise.add.mul(noise.scale) : noise.add), y })
const noisedBatch = (step: number) => ({
  x: { shape: [6, 4], values: normal(makeKey(step).split('x'), 24) },
  y: { shape: [6, 3], values: normal(makeKey(step).split('y'), 18) },
  noise: {
    add: { shape: [6, 4], values: normal(makeKey(step).split('add'), 24) },
    scale: { shape: [], values: Float32Array.of(0.1) },
  },
})

t.test('a batch may hold records of tensors: the same bytes as under flat names, on workers too', async t => {
  type Flat = { readonly x: Tensor; readonly y: Tensor; readonly noise_add: Tensor; readonly noise_scale: Tensor }
  const flatLoss = (params: Tree<Tensor>, { x, y, noise_add: add, noise_scale: scale }: Flat) =>
    noisedLoss(params, { x, y, noise: { add, scale } })
  for (const workers of [undefined, 2]) {
    const nested = makeTrainer(noisedLoss, init, { ...options, workers })
    const flat = makeTrainer(flatLoss, init, { ...options, workers })
    for (let step = 0; step < 5; step++) {
      const { noise, ...rest } = noisedBatch(step)
      const measured = await nested.step({ ...rest, noise })
      const asFlat = await flat.step({ ...rest, noise_add: noise.add, noise_scale: noise.scale })
      t.same(measured, asFlat)
    }
    t.same(nested.state(), flat.state())
    t.same(
      await nested.measure(noisedBatch(9)),
      await flat.measure({
        x: noisedBatch(9).x,
        y: noisedBatch(9).y,
        noise_add: noisedBatch(9).noise.add,
        noise_scale: noisedBatch(9).noise.scale,
      }),
    )
    await nested.close()
    await flat.close()
  }
})

t.test('keys that may be absent may be undefined; rows that workers cannot share are named by their path', async t => {
  const trainer = makeTrainer(noisedLoss, init, { ...options, workers: 2 })
  const { noise, ...rest } = noisedBatch(1)
  const without = await trainer.measure({ ...rest, noise: { add: noise.add } })
  t.same(await trainer.measure({ ...rest, noise: { add: noise.add, scale: undefined } }), without)
  t.notSame((await trainer.measure(noisedBatch(1))).loss.values, without.loss.values)
  const odd = { shape: [5, 4], values: new Float32Array(20) }
  await t.rejects(trainer.step({ ...rest, noise: { add: odd } }), /5 rows of noise\.add/)
  await trainer.close()
})

t.test('a step that fails to compile is tried again', async t => {
  let isBroken = true
  const trainer = makeTrainer(
    (params, batch: { x: Tensor; y: Tensor }) => {
      if (isBroken) throw new RangeError('broken')
      return loss(params, batch)
    },
    init,
    options,
  )
  await t.rejects(trainer.step(batchAt(1)), RangeError)
  isBroken = false
  t.ok((await trainer.step(batchAt(1))).loss.values[0] > 0)
  await trainer.close()
})

t.test('types: a wrong or missing name in a batch, or in what is measured, does not compile', async t => {
  const trainer = makeTrainer(noisedLoss, init, options)
  const { x, y, noise } = noisedBatch(1)
  /** Compiled, never called. */
  const mistakes = async () => {
    // @ts-expect-error y is missing
    await trainer.step({ x, noise })
    // @ts-expect-error there is no z
    await trainer.step({ x, y, noise, z: x })
    // @ts-expect-error noise.add is missing
    await trainer.measure({ x, y, noise: {} })
    // @ts-expect-error noise has no time
    await trainer.measure({ x, y, noise: { ...noise, time: x } })
    // @ts-expect-error an array where a record belongs
    await trainer.measure({ x, y, noise: x })
    // @ts-expect-error it is not measured
    void (await trainer.step({ x, y, noise })).nope
    // @ts-expect-error only a step has a gradient
    void (await trainer.measure({ x, y, noise })).gradient_norm
    // @ts-expect-error a loss program returns a loss
    makeTrainer((_params, { x }: { x: Tensor }) => ({ cost: x }), init, options)
  }
  t.type(mistakes, 'function')
  const measured = await trainer.step({ x, y, noise })
  const names: readonly ('loss' | 'largest' | 'gradient_norm')[] = ['loss', 'largest', 'gradient_norm']
  for (const name of names) t.same(measured[name].shape, [])
  const unknownBatch: LossProgram = noisedLoss
  const anyTrainer = makeTrainer(unknownBatch, init, options)
  const some: Trainer = anyTrainer
  t.same((await some.step(noisedBatch(1)))[String('loss')].values, measured.loss.values)
  await anyTrainer.close()
  await trainer.close()
})
