import * as tf from '@tensorflow/tfjs'
import t from 'tap'
import { type ArrayValue, type Key, makeKey, normal, type State, type Tree } from '../../../core/index.js'
import { compile, makeTrainer, toArray } from '../../../engine/index.js'
import {
  antitheticTimes,
  denoiserFrom,
  endsOf,
  gaussianStart,
  heun,
  initLinear,
  type LinearParams,
  learnedSchedule,
  linearLevel,
  type Predict,
  scheduleSigmas,
  vdmLoss,
} from '../../../generative/diffusion/index.js'
import { drawMixture, logProbs, meanAndError, threeClumps } from './mixture.js'
import { kolmogorovSmirnov } from './twoSample.js'

/** A small network with a learned line for a schedule: all of a model, from noise to a sample. */
type Model<T> = { layers: readonly { weight: T; bias: T }[]; schedule: LinearParams<T> }
const hidden = 64
const widths = [5, hidden, hidden, 2]

function initModel(key: Key): Model<ArrayValue> {
  const layers = widths.slice(1).map((width, i) => ({
    weight: {
      shape: [widths[i], width],
      values: normal(key.split(i), widths[i] * width).map(z => (i === 2 ? 0 : z / Math.sqrt(widths[i]))),
    },
    bias: { shape: [width], values: new Float32Array(width) },
  }))
  return { layers, schedule: initLinear({ most: 6, least: -6 }) }
}

const predictWith =
  ({ layers }: Model<tf.Tensor>): Predict =>
  (z, logSnr) => {
    const [batch, points] = z.shape
    const level = tf.mul(tf.ones([batch, points, 1]), tf.reshape(tf.div(logSnr, 6), [-1, 1, 1]))
    let x: tf.Tensor = tf.reshape(tf.concat([z, level, tf.square(level), tf.sigmoid(tf.mul(6, level))], 2), [-1, 5])
    for (const [i, { weight, bias }] of layers.entries()) {
      x = tf.add(tf.matMul(x as tf.Tensor2D, weight as tf.Tensor2D), bias)
      if (i < layers.length - 1) x = tf.mul(x, tf.sigmoid(x))
    }
    return tf.reshape(x, [batch, points, 2])
  }

type Given = { x: tf.Tensor; noise: tf.Tensor; times: tf.Tensor }
const program = (params: Tree<tf.Tensor>, { x, noise, times }: Given) => {
  const model = params as unknown as Model<tf.Tensor>
  const { loss, diffusion, prior, reconstruction } = vdmLoss(
    predictWith(model),
    { x, noise, level: linearLevel(model.schedule, times), ends: endsOf(model.schedule) },
    'v',
  )
  return { loss, diffusion, prior, reconstruction }
}

function batchOf(key: Key, clouds: number, points: number) {
  const x = drawMixture(threeClumps, key.split('x'), clouds, points)
  return {
    x,
    batch: {
      x: { shape: x.shape, values: x.values },
      noise: { shape: x.shape, values: normal(key.split('noise'), x.shape) },
      times: { shape: [clouds], values: antitheticTimes(key.split('t'), clouds) },
    },
  }
}

t.test('trained by the bound, a network comes near the true likelihood, and draws what it learned', async t => {
  const steps = 500
  const trainer = makeTrainer(program, initModel(makeKey(1)) as unknown as Tree<ArrayValue>, {
    schedule: { peak: 5e-3, warmup: 20, steps },
    clip: 5,
    ema: 0.98,
    threads: 1,
  })
  for (let step = 0; step < steps; step++) await trainer.step(batchOf(makeKey(2).split(step), 128, 4).batch)
  const held = batchOf(makeKey(3), 8192, 4)
  const bound = -(await trainer.measure(held.batch)).loss.values[0]
  const truth = meanAndError(logProbs(threeClumps, held.x)).mean
  // The best that one Gaussian could do: what a network that had learned only mean and covariance would reach.
  const gaussian = -Math.log(2 * Math.PI * Math.E) - Math.log(determinant(held.x)) / 2
  const model = trainer.params('ema') as unknown as Model<ArrayValue>
  const schedule = learnedSchedule(model.schedule)
  t.comment(`bound ${bound.toFixed(3)}, true ${truth.toFixed(3)}, one Gaussian ${gaussian.toFixed(3)} nats a point`)
  t.comment(`log SNR learned from [6, -6] to [${schedule.logSnr(0).toFixed(2)}, ${schedule.logSnr(1).toFixed(2)}]`)
  t.ok(bound < truth + 0.05, 'a bound')
  t.ok(bound > truth - 0.25 && bound > gaussian + 0.2, 'and a tight one')

  const count = 4000
  const shape = [1, count, 2] as const
  const forward = await compile(
    (params: Model<tf.Tensor>, z: tf.Tensor, logSnr: tf.Tensor) => predictWith(params)(z, logSnr),
    [model as unknown as Tree<ArrayValue>, { shape }, { shape: [1] }],
    { threads: 1 },
  )
  const denoise = denoiserFrom('v', async (z, logSnr) => {
    const level = { shape: [1], values: Float32Array.of(logSnr) }
    const out = await forward.run(model as unknown as Tree<ArrayValue>, z, level)
    return { shape: z.shape, values: toArray(out as Parameters<typeof toArray>[0]).values as Float32Array }
  })
  const sigmas = scheduleSigmas(schedule.logSnr, 24)
  const drawn = await heun(denoise, gaussianStart(makeKey(4), shape, Math.hypot(1, sigmas[0])), sigmas)
  const real = drawMixture(threeClumps, makeKey(5), 1, count)
  const distance = (state: State) => kolmogorovSmirnov(logProbs(threeClumps, state), logProbs(threeClumps, real))
  t.comment(
    `distance in log density ${distance(drawn).toFixed(2)}; of one Gaussian's draws ${distance(gaussianStart(makeKey(6), shape, 1)).toFixed(2)}`,
  )
  t.ok(distance(drawn) < distance(gaussianStart(makeKey(6), shape, 1)) / 4)
  await forward.release()
  await trainer.close()
})

/** Of the covariance of points in the plane. */
function determinant(state: State): number {
  const along = (axis: number) =>
    Float64Array.from({ length: state.values.length / 2 }, (_, i) => state.values[2 * i + axis])
  const [x, y] = [along(0), along(1)]
  const [mx, my] = [meanAndError(x).mean, meanAndError(y).mean]
  const of = (a: Float64Array, ma: number, b: Float64Array, mb: number) =>
    meanAndError(a.map((v, i) => (v - ma) * (b[i] - mb))).mean
  return of(x, mx, x, mx) * of(y, my, y, my) - of(x, mx, y, my) ** 2
}
