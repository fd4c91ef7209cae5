import * as tf from '@tensorflow/tfjs'
import t from 'tap'
import { type Denoiser, makeKey, type State } from '../../../core/index.js'
import {
  antitheticTimes,
  linearLogSnr,
  sigmaOfLogSnr,
  torusConstants,
  torusLoss,
  torusNoise,
} from '../../../generative/diffusion/index.js'
import { meanAndError } from './mixture.js'
import { drawTorusMixture, torusDenoiser, torusLogProbs, twoClumps } from './torusMixture.js'

await tf.setBackend('cpu')

const count = 30_000
const ends = { most: 7.8, least: -2 * Math.log(6) }
const schedule = linearLogSnr(ends)
const times = antitheticTimes(makeKey(1), count)
const sigmas = times.map(t => sigmaOfLogSnr(schedule.logSnr(t)))
const x: State = { shape: [count, 1, 2], values: drawTorusMixture(twoClumps, makeKey(2), count).values }
const drawn = torusNoise(makeKey(3), x, sigmas, twoClumps.box)
const shape: [number, number, number] = [count, 1, 2]

/** The bound of each point less its log density, and the share of the target's variance explained. */
async function lag(denoise: Denoiser): Promise<{ lags: Float64Array; explained: number }> {
  const predicted = new Float32Array(2 * count)
  for (let i = 0; i < count; i++) {
    const at: State = { shape: [1, 1, 2], values: drawn.lifted.values.subarray(2 * i, 2 * i + 2) }
    const clean = await denoise(at, sigmas[i])
    for (const axis of [0, 1]) predicted[2 * i + axis] = (at.values[axis] - clean.values[axis]) / sigmas[i]
  }
  const parts = tf.tidy(() => {
    const { clouds, residual, variance } = torusLoss(() => tf.tensor3d(predicted, shape), {
      lifted: tf.tensor3d(drawn.lifted.values, shape),
      target: tf.tensor3d(drawn.target.values, shape),
      logSnr: tf.tensor1d(times.map(t => schedule.logSnr(t))),
      slope: tf.tensor1d(times.map(t => schedule.slope(t))),
    })
    return {
      clouds: clouds.dataSync(),
      residual: tf.sum(residual).dataSync()[0],
      variance: tf.sum(variance).dataSync()[0],
    }
  })
  const { prior, reconstruction } = torusConstants(ends, twoClumps.box)
  const truth = torusLogProbs(twoClumps, x)
  const lags = truth.map((log, i) => {
    // |eps|^2 - 2 has mean 0: off with it where the noise cannot be told.
    const unknown = 1 / (1 + 4 * sigmas[i] ** 2)
    const square = drawn.noise.values[2 * i] ** 2 + drawn.noise.values[2 * i + 1] ** 2
    const diffusion = parts.clouds[i] + 0.5 * schedule.slope(times[i]) * unknown * (square - 2)
    return -diffusion - prior - reconstruction - log
  })
  return { lags, explained: 1 - parts.residual / parts.variance }
}

/** Mean and standard error by the spread at one time: neighbours in antithetic times. */
function spread(values: Float64Array): { mean: number; error: number } {
  let square = 0
  for (let i = 1; i < count; i++) square += (values[i] - values[i - 1]) ** 2
  return { mean: meanAndError(values).mean, error: Math.sqrt(square / 2) / count }
}

t.test('on the torus the bound with the exact score is the log likelihood, and with a worse one below', async t => {
  const exact = await lag(torusDenoiser(twoClumps))
  const { mean, error } = spread(exact.lags)
  t.comment(`bound less log p ${mean.toFixed(4)} +- ${error.toFixed(4)} nats, explained ${exact.explained.toFixed(3)}`)
  t.ok(error < 0.03)
  t.ok(Math.abs(mean) < 3 * error + 2e-3)

  const other = { ...twoClumps, sds: [1.1, 0.5] }
  const worse = await lag(torusDenoiser(other))
  const lower = spread(worse.lags.map((value, i) => value - exact.lags[i]))
  const truth = torusLogProbs(twoClumps, x)
  const entropy = meanAndError(torusLogProbs(other, x).map((log, i) => log - truth[i]))
  t.comment(`worse: ${lower.mean.toFixed(4)} +- ${lower.error.toFixed(4)} against ${entropy.mean.toFixed(4)}`)
  t.ok(lower.mean < -4 * lower.error && worse.explained < exact.explained)
  t.ok(Math.abs(lower.mean - entropy.mean) < 3 * Math.hypot(lower.error, entropy.error) + 2e-3)
})

t.test('masks: padding changes nothing', async t => {
  tf.tidy(() => {
    const given = torusNoise(
      makeKey(4),
      { shape: [3, 4, 2], values: x.values.slice(0, 24) },
      [0.1, 1, 3],
      twoClumps.box,
    )
    const [lifted, target] = [given.lifted, given.target].map(s => tf.tensor3d(s.values, [3, 4, 2]))
    const level = { logSnr: tf.tensor1d([4, 0, -2]), slope: tf.tensor1d([-9, -9, -9]) }
    const mask = tf.tensor2d([1, 1, 1, 1, 1, 1, 0, 0, 1, 0, 0, 0], [3, 4])
    const junk = tf.add(lifted, tf.mul(77, tf.sub(1, tf.expandDims(mask, 2))))
    const predict = (z: tf.Tensor) => tf.sin(z)
    const [clean, dirty] = [lifted, junk].map(
      z => torusLoss(predict, { lifted: z, target, ...level, mask }).loss.dataSync()[0],
    )
    t.equal(clean, dirty)
    t.not(clean, torusLoss(predict, { lifted, target, ...level }).loss.dataSync()[0])
  })
})
