import * as tf from '@tensorflow/tfjs'
import t from 'tap'
import { makeKey, type State } from '../../../../core/index.js'
import {
  type BoundPlan,
  boundTarget,
  compileThetaBound,
  elbo,
  linearLogSnr,
  openSpace,
  type ThetaDenoiser,
} from '../../../../generative/diffusion/index.js'
import { gaussianPrior } from '../../../../generative/prior/index.js'
import { denoiserOf, drawMixture, logProbs } from '../mixture.js'
import { gradientAt, mixtureAt, mixtureProgram } from './thetaMixture.js'

await tf.setBackend('cpu')

const truth = [0.8, 0.3]
const plan = (seed: number): BoundPlan => ({
  key: makeKey(seed),
  schedule: linearLogSnr({ most: 11, least: -9 }),
  space: openSpace({ mean: 0, variance: 1 }),
})
const clouds = (x: State, points: number): State => ({ shape: [x.shape[1] / points, points, 2], values: x.values })
const thetas = Float64Array.from([0.8, 0.3, 0.7, 0.1, 1, 0.5, 0.9, -0.2, 0.75, 0.4])
const sum = (values: Float64Array) => values.reduce((s, v) => s + v, 0)

for (const points of [1, 50]) {
  const x: State = drawMixture(mixtureAt(truth), makeKey(points), 2, points)
  t.test(`${2 * points} entries: compiled for many thetas`, async t => {
    const compiled = await compileThetaBound(mixtureProgram, {}, x, {
      parameters: 2,
      plan: plan(1),
      threads: 1,
      thetas: 2,
      draws: 64,
    })
    const bounds = await compiled.bounds(thetas)
    const { value, gradient } = await compiled.withGradient(thetas)
    const interpreted = await elbo(denoiserOf(mixtureAt(truth)), x, plan(1))
    t.ok(
      Math.abs(bounds[0].value[0] - sum(interpreted.value)) < 2e-4 * points + 1e-4,
      'the bound of the interpreted denoiser',
    )
    for (const [row, bound] of bounds.entries()) {
      const theta = thetas.subarray(2 * row, 2 * row + 2)
      const log = sum(logProbs(mixtureAt(theta), x))
      t.ok(
        Math.abs(bound.value[0] - log) < 4 * bound.error[0] + 0.01,
        `${bound.value[0]} +- ${bound.error[0]}, exact ${log}`,
      )
      t.ok(Math.abs(value[row] - bound.value[0]) < 1e-6 * Math.abs(log) + 1e-6)
    }
    for (const axis of [0, 1]) {
      const step = 0.01
      const moved = (by: number) => Float64Array.from(thetas.subarray(0, 2), (v, i) => (i === axis ? v + by : v))
      const [up, down] = await compiled.bounds(Float64Array.from([...moved(step), ...moved(-step)]))
      const slope = (up.value[0] - down.value[0]) / (2 * step)
      t.ok(
        Math.abs(slope - gradient[axis]) < 1e-3 * Math.abs(slope) + 0.02,
        `differences ${slope}, autodiff ${gradient[axis]}`,
      )
    }
    await compiled.release()
  })

  t.test(`${2 * points} entries: the gradient is that of log p, within the spread over noise`, async t => {
    const found: Float64Array[] = []
    for (let seed = 0; seed < 5; seed++) {
      const compiled = await compileThetaBound(mixtureProgram, {}, x, {
        parameters: 2,
        plan: plan(10 + seed),
        threads: 1,
        thetas: 1,
      })
      found.push((await compiled.withGradient(Float64Array.from(truth))).gradient)
      await compiled.release()
    }
    for (const [axis, known] of gradientAt(truth, x).entries()) {
      const mean = found.reduce((s, g) => s + g[axis] / found.length, 0)
      const variance = found.reduce((s, g) => s + (g[axis] - mean) ** 2, 0) / (found.length - 1)
      const error = Math.sqrt(variance / found.length)
      t.comment(`${mean.toFixed(3)} +- ${error.toFixed(3)} against ${known.toFixed(3)}`)
      t.ok(Math.abs(mean - known) < 5 * error + 0.01)
    }
  })
}

t.test('as a target over z: its gradient is that of its value, through a prior that mixes parameters', async t => {
  const x = drawMixture(mixtureAt(truth), makeKey(4), 1, 20)
  const compiled = await compileThetaBound(mixtureProgram, {}, x, { parameters: 2, plan: plan(5), threads: 1 })
  const prior = gaussianPrior(['where', 'logit'], [0.5, 0], [0.4, 0.2, 0.2, 0.5])
  // a term known in closed form besides
  const more = (theta: Float64Array, slope?: Float64Array) => {
    slope?.set([3 * theta[1], 3 * theta[0]])
    return 3 * theta[0] * theta[1]
  }
  const target = boundTarget(compiled, prior, more)
  const z = Float64Array.from([0.3, -0.4, 0.1, 0.6])
  const found = await target.withGradient?.(z)
  if (!found) throw new Error('expected a gradient')
  const { logDensity, gradient } = found
  const plain = await target.logDensity(z)
  for (let i = 0; i < 4; i++) {
    const row = Math.floor(i / 2)
    t.ok(Math.abs(plain[row] - logDensity[row]) < 1e-5)
    const step = 0.01
    const [up, down] = await Promise.all(
      [step, -step].map(async by => target.logDensity(z.map((v, j) => (j === i ? v + by : v)))),
    )
    const slope = (up[row] - down[row]) / (2 * step)
    t.ok(Math.abs(slope - gradient[i]) < 2e-3 * Math.abs(slope) + 0.02, `${slope} against ${gradient[i]}`)
  }
  await compiled.release()
})

t.test('what else a network reads of a noised state meets the right cloud, level and theta', async t => {
  const x = clouds(drawMixture(mixtureAt(truth), makeKey(6), 1, 6), 2)
  const given = (noised: State, sigma: number) => ({
    copy: noised,
    level: { shape: [3], values: new Float32Array(3).fill(sigma) },
    number: { shape: [3, 1, 1], values: Int32Array.of(1, 1, 1) },
  })
  const reading: ThetaDenoiser = (params, _x, _sigma, theta, more) => {
    const { copy, level, number } = more as Record<string, tf.Tensor>
    return tf.mul(mixtureProgram(params, copy, level, theta, {}), tf.cast(number, 'float32'))
  }
  const small: BoundPlan = { ...plan(7), strata: 3, sweeps: 2 }
  const [plain, read] = await Promise.all([
    compileThetaBound(mixtureProgram, {}, x, { parameters: 2, plan: small, threads: 1, thetas: 2 }),
    compileThetaBound(reading, {}, x, { parameters: 2, plan: small, threads: 1, thetas: 2, draws: 3, given }),
  ])
  const [a, b] = [await plain.withGradient(thetas), await read.withGradient(thetas)]
  a.value.forEach((value, row) => {
    t.ok(Math.abs(value - b.value[row]) < 1e-4, `${value} and ${b.value[row]}`)
  })
  a.gradient.forEach((slope, i) => {
    t.ok(Math.abs(slope - b.gradient[i]) < 1e-3 * Math.abs(slope) + 1e-3, `${slope} and ${b.gradient[i]}`)
  })
  await Promise.all([plain.release(), read.release()])
})
