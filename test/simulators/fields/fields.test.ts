import t from 'tap'
import { makeKey } from '../../../core/index.js'
import { productPrior } from '../../../generative/prior/index.js'
import {
  clusterField,
  exactTarget,
  gaussianRandomField,
  type KnownField,
  randomParents,
} from '../../../simulators/fields/index.js'
import { draws } from './draws.js'

const pairs = [
  [0, 0],
  [0, 1],
  [1, 1],
] as const

const clusters = clusterField({ box: 10, parents: randomParents(makeKey(1), 3, 10), background: 0.1 })
const fields: Record<string, { field: KnownField; theta: readonly number[] }> = {
  'Gaussian field': { field: gaussianRandomField({ cells: 8 }), theta: [1.3, -1.2] },
  // a narrower prior: few points, a coarse grid
  'cluster process': {
    field: {
      ...clusters,
      ranges: [
        [3, 15],
        [0.3, 1.2],
      ],
    },
    theta: [9, 0.7],
  },
}

for (const [name, { field, theta }] of Object.entries(fields)) {
  t.test(`${name}: the gradient is that of the log-likelihood`, t => {
    const x = field.simulate(theta, makeKey(2))
    const likelihood = field.likelihood(x)
    for (const at of draws(field, makeKey(3), 10)) {
      const gradient = new Float64Array(2)
      likelihood(at, gradient)
      for (const i of [0, 1]) {
        const step = 1e-5 * at[i]
        const moved = (by: number) => likelihood(at.map((v, j) => (j === i ? v + by : v)))
        const slope = (moved(step) - moved(-step)) / (2 * step)
        t.ok(Math.abs(slope - gradient[i]) < 1e-5 * (Math.abs(slope) + 10), `${slope} against ${gradient[i]}`)
      }
    }
    t.end()
  })

  t.test(`${name}: the score has mean 0, and its covariance is minus the mean curvature`, t => {
    const count = 600
    const scores = [0, 1].map(() => new Float64Array(count))
    const curvatures = [0, 1, 2].map(() => new Float64Array(count))
    for (let n = 0; n < count; n++) {
      const likelihood = field.likelihood(field.simulate(theta, makeKey(4).split(n)))
      const slopeAt = (at: readonly number[]) => {
        const gradient = new Float64Array(2)
        likelihood(at, gradient)
        return gradient
      }
      const score = slopeAt(theta)
      const step = 1e-4
      const curvature = [0, 1].map(i => {
        const moved = (by: number) => slopeAt(theta.map((v, j) => (j === i ? v + by : v)))
        const [up, down] = [moved(step), moved(-step)]
        return up.map((v, j) => (v - down[j]) / (2 * step))
      })
      for (const i of [0, 1]) scores[i][n] = score[i]
      for (const [pair, [i, j]] of pairs.entries()) curvatures[pair][n] = curvature[i][j]
    }
    for (const i of [0, 1]) {
      const { mean, error } = meanAndError(scores[i])
      t.ok(Math.abs(mean) < 4 * error, `score ${i}: ${mean} +- ${error}`)
    }
    for (const [pair, [i, j]] of pairs.entries()) {
      const { mean, error } = meanAndError(scores[i].map((v, n) => v * scores[j][n] + curvatures[pair][n]))
      t.ok(
        Math.abs(mean) < 4 * error,
        `information ${i}${j}: ${mean} +- ${error} of ${meanAndError(curvatures[pair]).mean}`,
      )
    }
    t.end()
  })

  t.test(`${name}: the exact posterior on a grid covers`, t => {
    const count = 150
    const side = 18
    const levels: number[] = []
    for (const [n, truth] of draws(field, makeKey(5), count).entries()) {
      const likelihood = field.likelihood(field.simulate(truth, makeKey(6).split(n)))
      const logs: number[] = []
      for (let cell = 0; cell < side ** 2; cell++) {
        const share = [(Math.floor(cell / side) + 0.5) / side, ((cell % side) + 0.5) / side]
        logs.push(likelihood(field.ranges.map(([low, high], i) => low + share[i] * (high - low))))
      }
      const atTruth = likelihood(truth)
      const top = Math.max(...logs)
      const mass = (some: readonly number[]) => some.reduce((sum, log) => sum + Math.exp(log - top), 0)
      levels.push(mass(logs.filter(log => log > atTruth)) / mass(logs))
    }
    for (const level of [0.5, 0.68, 0.95]) {
      const inside = levels.filter(v => v < level).length
      const band = 2.6 * Math.sqrt(count * level * (1 - level))
      t.ok(Math.abs(inside - count * level) < band, `${inside} of ${count} within ${level}`)
    }
    t.end()
  })

  t.test(`${name}: the exact target is prior and likelihood, with its gradient in z`, async t => {
    const prior = productPrior(
      Object.fromEntries(
        field.parameters.map((parameter, i) => [parameter, { uniform: [...field.ranges[i]] as [number, number] }]),
      ),
    )
    const x = field.simulate(theta, makeKey(7))
    const target = exactTarget(field, x, prior)
    const z = Float64Array.from([0.2, -0.3, -1, 0.5])
    const found = await target.withGradient?.(z)
    if (!found) throw new Error('expected a gradient')
    const at = prior.toTheta(z)
    t.ok(
      Math.abs(found.logDensity[1] - field.likelihood(x)(at.subarray(2)) + (1 + 0.25) / 2 + Math.log(2 * Math.PI)) <
        1e-9,
    )
    for (let i = 0; i < 4; i++) {
      const [up, down] = await Promise.all(
        [1e-5, -1e-5].map(async by => target.logDensity(z.map((v, j) => (j === i ? v + by : v)))),
      )
      const row = Math.floor(i / 2)
      const slope = (up[row] - down[row]) / 2e-5
      t.ok(Math.abs(slope - found.gradient[i]) < 1e-5 * (Math.abs(slope) + 10), `${slope} against ${found.gradient[i]}`)
    }
  })
}

t.test('Gaussian field: log p is that of the covariance matrix of its cells', t => {
  const n = 4
  const theta = [1.7, -1.4]
  const field = gaussianRandomField({ cells: n, pivot: 1.5 })
  const x = field.simulate(theta, makeKey(8))
  const folded = (m: number) => Math.min(m, n - m)
  const covariance = (dy: number, dx: number) => {
    let sum = 0
    for (let a = 0; a < n; a++)
      for (let b = 0; b < n; b++) {
        const k = Math.max(1, Math.hypot(folded(a), folded(b)))
        sum += (theta[0] * (k / 1.5) ** theta[1] * Math.cos((2 * Math.PI * (a * dy + b * dx)) / n)) / n ** 2
      }
    return sum
  }
  const size = n * n
  const lower = new Float64Array(size * size)
  const solved = new Float64Array(size)
  let log = (-size * Math.log(2 * Math.PI)) / 2
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = covariance(Math.floor(i / n) - Math.floor(j / n), (i % n) - (j % n))
      for (let k = 0; k < j; k++) rest -= lower[i * size + k] * lower[j * size + k]
      lower[i * size + j] = i === j ? Math.sqrt(rest) : rest / lower[j * size + j]
    }
    let rest = x[i]
    for (let j = 0; j < i; j++) rest -= lower[i * size + j] * solved[j]
    solved[i] = rest / lower[i * size + i]
    log -= solved[i] ** 2 / 2 + Math.log(lower[i * size + i])
  }
  t.ok(Math.abs(field.likelihood(x)(theta) - log) < 1e-5, `${field.likelihood(x)(theta)} against ${log}`)
  t.end()
})

t.test('cluster process: the intensity integrates to the number expected, and the number knows its own part', t => {
  // log p of one point and of none differ by log lambda there
  const none = clusters.likelihood(new Float32Array())([9, 0.7])
  const side = 80
  let sum = 0
  for (let cell = 0; cell < side ** 2; cell++) {
    const at = Float32Array.of(((cell % side) * 10) / side, (Math.floor(cell / side) * 10) / side)
    sum += Math.exp(clusters.likelihood(at)([9, 0.7]) - none) * (10 / side) ** 2
  }
  t.ok(Math.abs(sum - 37) < 1e-3, `${sum}`)
  t.ok(Math.abs(none + 37) < 1e-12)
  const slope = new Float64Array(2)
  t.ok(Math.abs(clusters.countLikelihood(40)([9, 0.7], slope) - (40 * Math.log(37) - 37)) < 1e-9)
  const up = clusters.countLikelihood(40)([9.001, 0.7])
  const down = clusters.countLikelihood(40)([8.999, 0.7])
  t.ok(Math.abs((up - down) / 0.002 - slope[0]) < 1e-6)
  t.end()
})

function meanAndError(values: Float64Array): { mean: number; error: number } {
  const mean = values.reduce((s, v) => s + v / values.length, 0)
  const variance = values.reduce((s, v) => s + (v - mean) ** 2, 0) / (values.length - 1)
  return { mean, error: Math.sqrt(variance / values.length) }
}
