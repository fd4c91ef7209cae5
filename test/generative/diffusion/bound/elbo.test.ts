import * as tf from '@tensorflow/tfjs'
import t from 'tap'
import { makeKey, type State } from '../../../../core/index.js'
import {
  type BoundPlan,
  boundDifference,
  elbo,
  importanceSchedule,
  linearLogSnr,
  openSpace,
  spreadOfParts,
  vdmLoss,
} from '../../../../generative/diffusion/index.js'
import { denoiserOf, drawMixture, logProbs, meanAndError } from '../mixture.js'
import { mixtureAt } from './thetaMixture.js'

await tf.setBackend('cpu')

const truth = mixtureAt([0.8, 0.3])
const schedule = linearLogSnr({ most: 11, least: -9 })
const space = openSpace({ mean: 0, variance: 1 })
const plan = (seed: number, rest: Partial<BoundPlan> = {}): BoundPlan => ({
  key: makeKey(seed),
  schedule,
  space,
  ...rest,
})
const clouds = (x: State, points: number): State => ({ shape: [x.shape[1] / points, points, 2], values: x.values })
const exact = (x: State, mixture = truth) => {
  const each = logProbs(mixture, x)
  const points = x.shape[1]
  return Float64Array.from({ length: x.shape[0] }, (_, c) =>
    each.subarray(c * points, (c + 1) * points).reduce((s, v) => s + v, 0),
  )
}
// of the decoder: sigma_min^2 / 2 times the curvature, at most entries / sd^2
const gap = (entries: number) => (Math.exp(-11) / 2) * (entries / 0.5 ** 2)

for (const points of [1, 50]) {
  t.test(
    `${2 * points} entries: the exact denoiser's bound is log p within its errors, and the errors are right`,
    async t => {
      const x = clouds(drawMixture(truth, makeKey(1), 1, 40 * points), points)
      const bound = await elbo(denoiserOf(truth), x, plan(2, { sweeps: 16 }))
      const z = exact(x).map((log, i) => (bound.value[i] - log) / bound.error[i])
      const { mean, error } = meanAndError(z)
      const spread = Math.sqrt(z.reduce((s, v) => s + v * v, 0) / z.length)
      t.comment(
        `error ${meanAndError(bound.error).mean.toFixed(4)} nats, z mean ${mean.toFixed(2)}, rms ${spread.toFixed(2)}`,
      )
      t.ok(Math.abs(mean) < 4 * error, 'unbiased')
      t.ok(spread > 0.7 && spread < 1.4, 'errors neither too small nor too large')
      const off = meanAndError(bound.value.map((v, i) => v - exact(x)[i]))
      t.ok(Math.abs(off.mean) < 4 * off.error + gap(2 * points), `${off.mean} +- ${off.error}`)
    },
  )
}

t.test('differences between thetas on the same noise are far more precise than either', async t => {
  const x = clouds(drawMixture(truth, makeKey(3), 1, 50), 50)
  const other = mixtureAt([0.85, 0.35])
  const [a, b] = [await elbo(denoiserOf(truth), x, plan(4)), await elbo(denoiserOf(other), x, plan(4))]
  const { difference, error } = boundDifference(a, b)
  const known = exact(x)[0] - exact(x, other)[0]
  t.comment(
    `${difference[0].toFixed(4)} +- ${error[0].toFixed(4)} against ${known.toFixed(4)}, each +- ${a.error[0].toFixed(4)}`,
  )
  t.ok(Math.abs(difference[0] - known) < 4 * error[0] + 0.002)
  t.ok(error[0] < a.error[0] / 3)
})

t.test('a wrong denoiser lies below, on average over data', async t => {
  const x = drawMixture(truth, makeKey(5), 400, 1)
  const wrong = await elbo(denoiserOf(mixtureAt([0.4, 1.3])), x, plan(6))
  const right = await elbo(denoiserOf(truth), x, plan(6))
  const { difference } = boundDifference(right, wrong)
  const known = meanAndError(exact(x).map((v, i) => v - exact(x, mixtureAt([0.4, 1.3]))[i]))
  const { mean, error } = meanAndError(difference)
  t.comment(
    `below by ${mean.toFixed(3)} +- ${error.toFixed(3)}, relative entropy on these draws ${known.mean.toFixed(3)}`,
  )
  t.ok(mean > 3 * error)
  t.ok(Math.abs(mean - known.mean) < 0.05)
  const muted = await elbo(
    async (z, sigma) => {
      const clean = await denoiserOf(truth)(z, sigma)
      return { shape: z.shape, values: clean.values.map((v, i) => z.values[i] + 0.8 * (v - z.values[i])) }
    },
    x,
    plan(6),
  )
  t.ok(meanAndError(boundDifference(right, muted).difference).mean > 0.1, 'nor does a field that is no score pass')
})

t.test('levels drawn by importance change the error, not the mean', async t => {
  const x = clouds(drawMixture(truth, makeKey(7), 1, 100), 50)
  const pilot = await elbo(denoiserOf(truth), x, plan(8))
  const better = importanceSchedule(schedule, spreadOfParts(pilot.parts, pilot.strata, pilot.sweeps))
  t.equal(better.logSnr(0), schedule.logSnr(0))
  t.equal(better.logSnr(1), schedule.logSnr(1))
  const sharp = await elbo(denoiserOf(truth), x, plan(9, { schedule: better }))
  const even = await elbo(denoiserOf(truth), x, plan(9))
  exact(x).forEach((log, i) => {
    t.comment(
      `${log.toFixed(3)}: even ${even.value[i].toFixed(3)} +- ${even.error[i].toFixed(3)}, by importance ${sharp.value[i].toFixed(3)} +- ${sharp.error[i].toFixed(3)}`,
    )
    t.ok(Math.abs(sharp.value[i] - log) < 4 * sharp.error[i])
    t.ok(sharp.error[i] < even.error[i])
  })
})

t.test('with mean 0 and variance 1 prior and reconstruction are those of the variational diffusion model', async t => {
  const drawn = drawMixture(truth, makeKey(10), 3, 4)
  const most = 5
  for (const least of [-3, -1]) {
    const schedule = linearLogSnr({ most, least })
    const bound = await elbo(denoiserOf(truth), drawn, plan(11, { schedule, strata: 1, sweeps: 2 }))
    const loss = tf.tidy(() => {
      const x = tf.tensor3d(drawn.values, [3, 4, 2])
      const level = { logSnr: tf.zeros([3]), slope: tf.fill([3], least - most) }
      const parts = vdmLoss(z => z, {
        x,
        noise: tf.zerosLike(x),
        level,
        ends: { most: tf.scalar(most), least: tf.scalar(least) },
      })
      return { prior: parts.prior.dataSync()[0], reconstruction: parts.reconstruction.dataSync()[0] }
    })
    // nats a point there
    const perPoint = (values: Float64Array) => values.reduce((s, v) => s + v, 0) / 12
    t.ok(
      Math.abs(perPoint(bound.prior) - loss.prior) < 1e-5 * loss.prior,
      `${perPoint(bound.prior)} against ${loss.prior}`,
    )
    t.ok(Math.abs(perPoint(bound.reconstruction) - loss.reconstruction) < 1e-5)
  }
})
