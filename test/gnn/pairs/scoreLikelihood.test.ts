import t from 'tap'
import { makeKey, normal, uniform } from '../../../core/index.js'
import {
  coefficientsFor,
  differenceError,
  formAt,
  type LinearScore,
  meanForm,
  type QuadraticForm,
  quadraticForm,
  type ThetaTerms,
} from '../../../generative/pairs/index.js'
import { featureCount, makeMoments, makePairForce, pairBasis } from '../../../gnn/pairs/index.js'

const key = makeKey(61)
const side = 120
const points = 150
const positions = uniform(key.split('positions'), 3 * points).map(u => u * side)
const basis = pairBasis([side, side, side], { splines: 5, reach: 30, inner: 2 })
const features = featureCount(basis)
const sigmas = [2, 5, 11]

function scoreWith(scale?: 'logarithmic'): LinearScore {
  const theta: ThetaTerms = {
    names: ['omega_m', 'sigma_8'],
    mean: scale ? [Math.log(0.3), Math.log(0.8)] : [0.3, 0.8],
    deviation: [0.3, 0.1],
    range: [
      [0.1, 0.5],
      [0.6, 1],
    ],
    terms: [[], [0], [1], [0, 0], [0, 1]],
    ...(scale && { scale }),
  }
  const coefficients = sigmas.map((_, q) =>
    Float64Array.from(normal(key.split('coefficients').split(q), theta.terms.length * features), x => 0.02 * x),
  )
  return { theta, sigmas, features, coefficients, diagnostics: [] }
}

const at = [0.36, 0.91]
const momentsOf = await makeMoments(basis)
const noises = key.split('noise')
/** One level after the other: they share their buffers. */
async function momentsWith(draw: number) {
  const moments = []
  for (const [q, sigma] of sigmas.entries())
    moments.push(await momentsOf(positions, sigma, noises.split(draw).split(q)))
  return moments
}

t.test('the quadratic form is the bound, summed over points', async t => {
  const score = scoreWith()
  const coefficients = coefficientsFor(score, { omega_m: at[0], sigma_8: at[1] })
  const force = makePairForce(basis)
  const logs = sigmas.map(Math.log)
  const widths = [(logs[1] - logs[0]) / 2, (logs[2] - logs[0]) / 2, (logs[2] - logs[1]) / 2]
  const bound = sigmas.reduce((sum, sigma, q) => {
    // the noise that `makeMoments` added
    const noise = normal(noises.split(0).split(q).split(0), 3 * points)
    const noised = positions.map((x, i) => x + sigma * noise[i])
    const told = force(noised, points, sigma, coefficients(sigma), new Float32Array(3 * points))
    return sum + widths[q] * noise.reduce((all, e, i) => all + e ** 2 - (e - told[i]) ** 2, 0)
  }, 0)
  const value = formAt(quadraticForm(score, await momentsWith(0)), score.theta, at)
  t.ok(Math.abs(value / bound - 1) < 2e-3, `${value} and ${bound}`)
})

t.test('law: its gradient is the slope, for parameters and for their logarithms', async t => {
  for (const scale of [undefined, 'logarithmic'] as const) {
    const score = scoreWith(scale)
    const form = quadraticForm(score, await momentsWith(1))
    const gradient = new Float64Array(2)
    formAt(form, score.theta, at, gradient)
    for (const p of [0, 1]) {
      const moved = (by: number) =>
        formAt(
          form,
          score.theta,
          at.map((x, q) => (q === p ? x + by : x)),
        )
      const slope = (moved(1e-5) - moved(-1e-5)) / 2e-5
      t.ok(Math.abs(gradient[p] / slope - 1) < 1e-5, `${scale ?? 'plain'}, parameter ${p}: ${gradient[p]} and ${slope}`)
    }
  }
})

t.test('the mean of forms is the form of means, and its error is that of the spread of draws', async t => {
  const score = scoreWith()
  const draws: QuadraticForm[] = []
  for (let draw = 0; draw < 4; draw++) draws.push(quadraticForm(score, await momentsWith(draw)))
  const values = draws.map(form => formAt(form, score.theta, at))
  const mean = values.reduce((a, b) => a + b) / 4
  t.ok(Math.abs(formAt(meanForm(draws), score.theta, at) - mean) < 1e-9 * Math.abs(mean))
  const other = [0.2, 0.7]
  const differences = draws.map((form, i) => values[i] - formAt(form, score.theta, other))
  const middle = differences.reduce((a, b) => a + b) / 4
  const spread = Math.sqrt(differences.reduce((sum, x) => sum + (x - middle) ** 2, 0) / 3)
  const error = differenceError({ theta: score.theta, draws }, at, other)
  t.ok(Math.abs(error / (spread / 2) - 1) < 1e-9, `${error} and ${spread / 2}`)
})
