import * as tf from '@tensorflow/tfjs'
import t from 'tap'
import { type Key, makeKey, normal } from '../../../core/index.js'
import {
  antitheticTimes,
  cosineLogSnr,
  discreteSlope,
  linearLogSnr,
  type Predict,
  type Schedule,
  vdmLoss,
} from '../../../generative/diffusion/index.js'
import { drawMixture, logProbs, type Mixture, meanAndError, oneGaussian, threeClumps } from './mixture.js'
import { programOf } from './mixtureProgram.js'

await tf.setBackend('cpu')

const ends = { most: 9, least: -9 }
const schedules: Record<string, Schedule> = { linear: linearLogSnr(ends), cosine: cosineLogSnr(ends) }

/**
 * The bound of every point (one point a cloud), nats, and the true log density of the same points. |eps|^2 - channels,
 * whose mean is 0, is taken off as a control variate where the noise cannot be told (large SNR): the same mean, a tenth
 * of the variance.
 */
function bound(model: Predict, data: Mixture, schedule: Schedule, key: Key, clouds: number, steps?: number) {
  const drawn = drawMixture(data, key.split('x'), clouds, 1)
  let times = antitheticTimes(key.split('t'), clouds)
  if (steps !== undefined) times = times.map(t => Math.ceil(t * steps) / steps)
  const slope = times.map(t => (steps === undefined ? schedule.slope(t) : discreteSlope(schedule, t, steps)))
  const terms = tf.tidy(() => {
    const loss = vdmLoss(model, {
      x: tf.tensor3d(drawn.values, [clouds, 1, data.dim]),
      noise: tf.tensor3d(normal(key.split('eps'), clouds * data.dim), [clouds, 1, data.dim]),
      level: { logSnr: tf.tensor1d(times.map(t => schedule.logSnr(t))), slope: tf.tensor1d(slope) },
      ends: { most: tf.scalar(ends.most), least: tf.scalar(ends.least) },
    })
    const value = (part: tf.Tensor) => part.dataSync()[0]
    return {
      loss: value(loss.loss),
      diffusion: value(loss.diffusion),
      prior: value(loss.prior),
      reconstruction: value(loss.reconstruction),
      clouds: loss.clouds.dataSync(),
      variance: loss.variance.dataSync(),
    }
  })
  const truth = logProbs(data, drawn)
  const lags = truth.map((log, i) => {
    const unknown = 1 / (1 + 8 * Math.exp(-schedule.logSnr(times[i])))
    const diffusion = terms.clouds[i] + 0.5 * slope[i] * unknown * (terms.variance[i] - data.dim)
    return -diffusion - terms.prior - terms.reconstruction - log
  })
  return { ...terms, truth: meanAndError(truth), lags, lag: lagOf(lags) }
}

/**
 * Mean of values at antithetic times and its standard error. Value i and i + 1 have nearly the same time: the spread
 * that counts is that at one time, not that along time.
 */
function lagOf(values: Float64Array): { mean: number; error: number } {
  let square = 0
  for (let i = 1; i < values.length; i++) square += (values[i] - values[i - 1]) ** 2
  return { mean: meanAndError(values).mean, error: Math.sqrt(square / 2) / values.length }
}

const clouds = 60_000
// By the closed form for one Gaussian, the decoder's gap is about sigma_0^2 / (2 sd^2) a channel.
const gap = (Math.exp(-ends.most) / 2) * 2 * Math.max(...threeClumps.sds.map(sd => sd ** -2))

for (const [name, schedule] of Object.entries(schedules)) {
  t.test(`${name}: with the exact noise the bound is the log likelihood`, async t => {
    const { lag, truth, prior } = bound(programOf(threeClumps), threeClumps, schedule, makeKey(11), clouds)
    t.comment(
      `E log p ${truth.mean.toFixed(4)}, bound less log p ${lag.mean.toFixed(4)} +- ${lag.error.toFixed(4)} nats, gap at most ${gap.toFixed(4)}, prior ${prior.toExponential(1)}`,
    )
    t.ok(lag.error < 0.03)
    t.ok(Math.abs(lag.mean) < 3 * lag.error + gap)
  })
}

t.test('a worse score lies below, by the relative entropy where it is the score of another mixture', async t => {
  const other: Mixture = { ...threeClumps, sds: [0.45, 0.5, 0.4], weights: [0.3, 0.5, 0.2] }
  const [key, count] = [makeKey(12), 30_000]
  const exact = bound(programOf(threeClumps), threeClumps, schedules.linear, key, count)
  // On the same draws, so that what the two bounds share falls out.
  const below = (model: Predict) => {
    const worse = bound(model, threeClumps, schedules.linear, key, count)
    return lagOf(worse.lags.map((lag, i) => lag - exact.lags[i]))
  }
  const many = drawMixture(threeClumps, makeKey(13), 400_000, 1)
  const truth = logProbs(threeClumps, many)
  const entropy = meanAndError(logProbs(other, many).map((log, i) => log - truth[i]))
  const lower = below(programOf(other))
  t.comment(
    `${lower.mean.toFixed(4)} +- ${lower.error.toFixed(4)} nats against ${entropy.mean.toFixed(4)} +- ${entropy.error.toFixed(4)}`,
  )
  t.ok(lower.mean < -5 * lower.error, 'below')
  t.ok(
    Math.abs(lower.mean - entropy.mean) < 3 * Math.hypot(lower.error, entropy.error) + gap,
    'by the relative entropy',
  )

  const right = programOf(threeClumps)
  const muted = below((z, logSnr) => tf.mul(0.8, right(z, logSnr)))
  t.ok(muted.mean < -5 * muted.error, 'a field that is no score lies below too')
})

t.test('with finitely many steps the bound is looser, and tightens', async t => {
  const lags = [8, 16, 32, 64].map(
    steps => bound(programOf(threeClumps), threeClumps, schedules.linear, makeKey(14), 10_000, steps).lag,
  )
  t.comment(lags.map(lag => `${lag.mean.toFixed(3)} +- ${lag.error.toFixed(3)}`).join(', '))
  for (const [i, lag] of lags.entries()) {
    t.ok(lag.mean < 3 * lag.error, 'a bound')
    if (i > 0) t.ok(lag.mean > lags[i - 1].mean, 'tighter with more steps')
  }
})

t.test('one Gaussian: each term is its closed form', async t => {
  const sd = 0.6
  const {
    loss,
    diffusion: mean,
    prior,
    reconstruction,
    lag,
  } = bound(programOf(oneGaussian(sd)), oneGaussian(sd), schedules.linear, makeKey(15), 30_000)
  const [most, least] = [Math.exp(ends.most), Math.exp(ends.least)]
  const exact = Math.log((1 + sd ** 2 * most) / (1 + sd ** 2 * least)) / 2
  const alpha2 = 1 / (1 + 1 / least)
  t.ok(Math.abs(mean - exact) < 0.25)
  t.comment(`diffusion ${mean.toFixed(4)} against ${exact.toFixed(4)}`)
  t.ok(Math.abs(lag.mean) < 3 * lag.error + gap)
  const exactPrior = (alpha2 * sd ** 2 - alpha2 - Math.log1p(-alpha2)) / 2
  t.ok(Math.abs(prior - exactPrior) < 0.02 * exactPrior, `${prior} against ${exactPrior}`)
  t.ok(Math.abs(reconstruction - (Math.log(2 * Math.PI * Math.E) - ends.most) / 2) < 1e-5)
  t.ok(Math.abs(loss - (mean + prior + reconstruction)) < 1e-5)
})
