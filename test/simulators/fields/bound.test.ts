import * as tf from '@tensorflow/tfjs'
import t, { type Test } from 'tap'
import { makeKey, periodicBox, type State } from '../../../core/index.js'
import {
  type Bound,
  boundDifference,
  compileThetaBound,
  importanceSchedule,
  linearLogSnr,
  logSnrOfSigma,
  openSpace,
  type Schedule,
  sharesOfDifferences,
  torusSpace,
} from '../../../generative/diffusion/index.js'
import { clusterField, gaussianRandomField, randomParents } from '../../../simulators/fields/index.js'

await tf.setBackend('cpu')

t.test(
  'Gaussian field: the bound with the exact denoiser is the likelihood, and its differences between thetas',
  async t => {
    const field = gaussianRandomField({ cells: 8 })
    const theta = [1.2, -1]
    const drawn = field.simulate(theta, makeKey(1))
    const x: State = { shape: [1, 8, 8], values: drawn }
    const plan = {
      key: makeKey(2),
      schedule: linearLogSnr({ most: 11, least: -11 }),
      space: openSpace({ mean: 0, variance: 1.5 }),
      sweeps: 8,
    }
    const bound = await compileThetaBound(field.denoiser, {}, x, { parameters: 2, plan, threads: 1 })
    const thetas = Float64Array.from([...theta, 0.8, -1.4, 1.6, -0.5])
    const exact = field.likelihood(drawn)
    const found = await bound.bounds(thetas)
    const { gradient } = await bound.withGradient(thetas)
    await bound.release()
    found.forEach(({ value, error }, row) => {
      const slope = new Float64Array(2)
      const known = exact(thetas.subarray(2 * row, 2 * row + 2), slope)
      t.comment(
        `${value[0].toFixed(3)} +- ${error[0].toFixed(3)} against ${known.toFixed(3)}; gradient ${gradient.slice(2 * row, 2 * row + 2).join(', ')} against ${slope.join(', ')}`,
      )
      t.ok(Math.abs(value[0] - known) < 4 * error[0] + 0.02)
      t.ok(error[0] < 1)
      differs(t, found, row, known - exact(theta))
    })
  },
)

t.test('cluster process: the bound of the positions and the term of their number are the likelihood', async t => {
  const box = 10
  const field = clusterField({ box, parents: randomParents(makeKey(3), 3, box), background: 0.1 })
  const theta = [9, 0.7]
  const drawn = field.simulate(theta, makeKey(4))
  const points = drawn.length / 2
  const x: State = { shape: [1, points, 2], values: drawn }
  const plan = {
    key: makeKey(5),
    schedule: linearLogSnr({ most: 10, least: logSnrOfSigma(box / 2) }),
    space: torusSpace(periodicBox(box, 2)),
    sweeps: 8,
  }
  const bound = await compileThetaBound(field.denoiser, {}, x, { parameters: 2, plan, threads: 1, thetas: 3 })
  const thetas = Float64Array.from([...theta, 5, 0.9, 14, 0.5])
  const exact = field.likelihood(drawn)
  const count = field.countLikelihood(points)
  const found = await bound.bounds(thetas)
  const { gradient } = await bound.withGradient(thetas)
  await bound.release()
  found.forEach(({ value, error }, row) => {
    const at = thetas.subarray(2 * row, 2 * row + 2)
    const slope = new Float64Array(2)
    const known = exact(at, slope)
    const number = new Float64Array(2)
    const both = value[0] + count(at, number)
    t.comment(
      `${both.toFixed(3)} +- ${error[0].toFixed(3)} against ${known.toFixed(3)}; gradient ${gradient
        .slice(2 * row, 2 * row + 2)
        .map((g, i) => g + number[i])
        .join(', ')} against ${slope.join(', ')}`,
    )
    t.ok(Math.abs(both - known) < 4 * error[0] + 0.02)
    t.ok(error[0] < 3)
    differs(t, found, row, known - count(at) - (exact(theta) - count(theta)))
  })
})

t.test('Gaussian field: the posterior by the bound is the exact one; a pilot tells where to draw', async t => {
  const field = gaussianRandomField({ cells: 8 })
  const drawn = field.simulate([1.2, -1], makeKey(6))
  const x: State = { shape: [1, 8, 8], values: drawn }
  const even = linearLogSnr({ most: 11, least: -11 })
  const compiled = (seed: number, schedule: Schedule, strata: number) =>
    compileThetaBound(field.denoiser, {}, x, {
      parameters: 2,
      plan: { key: makeKey(seed), schedule, space: openSpace({ mean: 0, variance: 1.5 }), strata, sweeps: 4 },
      threads: 1,
      thetas: 4,
    })
  const few = Float64Array.from([1.2, -1, 1, -1.2, 1.4, -0.8])
  const pilot = await compiled(7, even, 16)
  const found = await pilot.bounds(few)
  await pilot.release()
  const schedule = importanceSchedule(even, sharesOfDifferences(found))
  const aimed = await compiled(7, schedule, 16)
  const [first, ...others] = await aimed.bounds(few)
  await aimed.release()
  others.forEach((other, i) => {
    const [before, after] = [boundDifference(found[i + 1], found[0]).error[0], boundDifference(other, first).error[0]]
    t.comment(`difference +- ${before.toFixed(3)} by even levels, +- ${after.toFixed(3)} by importance`)
    t.ok(after < before)
  })

  const side = 14
  const thetas = Float64Array.from({ length: 2 * side ** 2 }, (_, i) => {
    const cell = Math.floor(i / 2)
    return i % 2 === 0 ? 0.5 + (2 * Math.floor(cell / side)) / side : -2.2 + (2.2 * (cell % side)) / side
  })
  const bound = await compiled(8, schedule, 64)
  const byBound = chances((await bound.bounds(thetas)).map(({ value }) => value[0]))
  await bound.release()
  const likelihood = field.likelihood(drawn)
  const exact = chances(byBound.map((_, row) => likelihood(thetas.subarray(2 * row, 2 * row + 2))))
  const distance = exact.reduce((sum, p, row) => sum + Math.abs(p - byBound[row]) / 2, 0)
  t.comment(`total variation ${distance.toFixed(3)}`)
  t.ok(distance < 0.1)
})

function chances(logs: readonly number[]): number[] {
  const top = Math.max(...logs)
  const weights = logs.map(log => Math.exp(log - top))
  const total = weights.reduce((sum, w) => sum + w, 0)
  return weights.map(w => w / total)
}

/**
 * The bound at a row less that at the first is as known, within the error of differences, which is below that of a
 * bound.
 */
function differs(t: Test, found: readonly Bound[], row: number, known: number): void {
  if (row === 0) return
  const { difference, error } = boundDifference(found[row], found[0])
  t.comment(`difference ${difference[0].toFixed(3)} +- ${error[0].toFixed(3)} against ${known.toFixed(3)}`)
  t.ok(Math.abs(difference[0] - known) < 4 * error[0] + 0.02)
  t.ok(error[0] < found[0].error[0])
}
