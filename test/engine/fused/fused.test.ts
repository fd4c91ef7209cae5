import * as tf from '@tensorflow/tfjs'
import t from 'tap'
import { type ArrayValue, integers, makeKey, normal } from '../../../core/index.js'
import { gatherSenders, linear, microBatches, silu } from '../../../engine/fused/index.js'
import { compile, type OrtTensor, toArray } from '../../../engine/index.js'
import { feedsOf } from '../../../gnn/layers/index.js'
import { type Case, fused, numbers } from './dictionary.js'

await tf.setBackend('cpu')

const values = (x: tf.Tensor): ArrayValue => ({ shape: x.shape, values: x.dataSync() as Float32Array })
const specOf = (x: tf.Tensor) => ({ shape: x.shape, dtype: x.dtype as 'float32' | 'int32' })

/** The value, and the gradient of its product with fixed numbers, in every input. */
function step({ run }: Case, weight: tf.Tensor) {
  return (inputs: readonly tf.Tensor[], fixed: Record<string, tf.Tensor>): tf.Tensor[] => {
    const loss = (...at: tf.Tensor[]): tf.Scalar => run(at, fixed).mul(weight).sum()
    return [run(inputs, fixed), ...tf.valueAndGrads(loss)([...inputs]).grads]
  }
}

function apart(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY
  const largest = Math.max(1e-30, ...Array.from(a, Math.abs))
  return (
    Math.max(...Array.from(a, (v, i) => (Number.isFinite(b[i]) ? Math.abs(v - b[i]) : Number.POSITIVE_INFINITY))) /
    largest
  )
}

for (const [name, operation] of Object.entries(fused)) {
  t.test(`${name}: compiled equals eager, forward and gradients`, async t => {
    const inputs = operation.inputs.map((shape, i) => numbers(shape, `${name} ${i}`))
    const fixed = operation.fixed?.() ?? {}
    const program = step(operation, numbers(operation.run(inputs, fixed).shape, 'weight'))
    const eager = program(inputs, fixed).map(x => values(x).values)
    t.ok(eager.every(v => v.some(x => x !== 0)))
    const given = Object.fromEntries(Object.entries(fixed).map(([n, x]) => [n, values(x)]))
    const specs = Object.fromEntries(Object.entries(fixed).map(([n, x]) => [n, specOf(x)]))
    for (const threads of [1, 2]) {
      const compiled = await compile(program, [inputs.map(specOf), specs], { threads })
      const results = ((await compiled.run(inputs.map(values), given)) as OrtTensor[]).map(toArray)
      results.forEach((r, i) => {
        const largest = apart(eager[i], r.values)
        t.ok(largest < 1e-5, `${threads} threads, ${i ? `gradient ${i - 1}` : 'forward'}: apart by ${largest}`)
      })
      await compiled.release()
    }
    // The forward pass alone takes other operators where nothing is kept for a gradient.
    const forward = await compile(
      (at: readonly tf.Tensor[], f: Record<string, tf.Tensor>) => operation.run(at, f),
      [inputs.map(specOf), specs],
    )
    const alone = toArray((await forward.run(inputs.map(values), given)) as OrtTensor)
    t.ok(apart(eager[0], alone.values) < 1e-5, 'forward alone')
    await forward.release()
  })
}

t.test('the gradient of a gather with feeds counts exactly on two threads', async t => {
  const [points, k, channels] = [500, 40, 64]
  const senders = integers(makeKey(2), points * k, points)
  const { edges, width } = feedsOf(senders, points)
  const counts = new Int32Array(points)
  for (const sender of senders) counts[sender]++
  const weighted = (x: tf.Tensor, s: tf.Tensor, f: tf.Tensor, weight: tf.Tensor) =>
    tf.grad((at: tf.Tensor) => gatherSenders(at, s, f).mul(weight).sum())(x)
  const int = (shape: number[]) => ({ shape, dtype: 'int32' as const })
  const messages = [1, points, k, channels]
  const specs = [{ shape: [1, points, channels] }, int([1, points, k]), int([1, points, width]), { shape: messages }]
  const compiled = await compile(weighted, specs, { threads: 2 })
  const gradient = async (weight: Float32Array) => {
    const found = await compiled.run(
      { shape: [1, points, channels], values: new Float32Array(points * channels) },
      { shape: [1, points, k], values: senders },
      { shape: [1, points, width], values: edges },
      { shape: messages, values: weight },
    )
    return toArray(found as OrtTensor).values
  }
  const noise = normal(makeKey(3), messages)
  const first = await gradient(noise)
  for (let run = 0; run < 3; run++) {
    const ones = await gradient(new Float32Array(noise.length).fill(1))
    t.ok(ones.every((v, i) => v === counts[Math.floor(i / channels)]))
    t.ok(
      (await gradient(noise)).every((v, i) => v === first[i]),
      'the same bytes each time',
    )
  }
  await compiled.release()
})

t.test('parts of a batch give the loss and the gradient of the whole', async t => {
  const loss = (flat: tf.Tensor, { x, y }: { x: tf.Tensor; y: tf.Tensor }): tf.Scalar =>
    tf.mean(tf.squaredDifference(silu(linear(x, flat.reshape([4, 3]))), y))
  const [flat, x, y] = [numbers([12], 'flat'), numbers([6, 5, 4], 'x'), numbers([6, 5, 3], 'y')]
  const run = (parts: number) => (flat: tf.Tensor, batch: { x: tf.Tensor; y: tf.Tensor }) => {
    const { value, gradient } = microBatches(loss, flat, batch, parts)
    return [value, gradient]
  }
  const whole = run(1)(flat, { x, y }).map(r => values(r).values)
  const inParts = run(3)(flat, { x, y }).map(r => values(r).values)
  const compiled = await compile(run(3), [specOf(flat), { x: specOf(x), y: specOf(y) }])
  const traced = (await compiled.run(values(flat), { x: values(x), y: values(y) })) as OrtTensor[]
  for (const i of [0, 1]) {
    t.ok(apart(whole[i], inParts[i]) < 1e-5)
    t.ok(apart(whole[i], toArray(traced[i]).values) < 1e-5)
  }
  await compiled.release()
})
