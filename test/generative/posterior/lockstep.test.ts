import t from 'tap'
import { makeKey, normal, UsageError } from '../../../core/index.js'
import {
  type Chains,
  pointwiseTarget,
  posteriorTarget,
  sampleAdaptiveMetropolis,
  sampleHmc,
  sampleMetropolis,
  sampleNuts,
  type Target,
} from '../../../generative/posterior/index.js'
import { warmUpWindows } from '../../../generative/posterior/warmUp.js'
import { gaussianPrior, productPrior } from '../../../generative/prior/index.js'
import { targets } from './targets.js'

const key = makeKey(20261123)
const { target, dim } = targets['eight schools']
const start = Float64Array.from(normal(key.split('start'), 5 * dim), x => x / 2)
const steps = { warmUp: 60, length: 30 }

const walkers: Record<string, (target: Target, start: Float64Array) => Promise<Chains>> = {
  Metropolis: (target, start) => sampleMetropolis(target, start, key, steps),
  'adaptive Metropolis': (target, start) => sampleAdaptiveMetropolis(target, start, key, { ...steps, warmUp: 200 }),
  HMC: (target, start) => sampleHmc(target, start, key, steps),
  NUTS: (target, start) => sampleNuts(target, start, key, steps),
  'NUTS, dense': (target, start) => sampleNuts(target, start, key, { ...steps, scales: 'dense' }),
}

/** Answers later, and counts how often it is asked. */
function later(target: Target): { readonly target: Target; calls(): number } {
  let calls = 0
  const answer = async <T>(value: T | Promise<T>): Promise<T> => {
    calls++
    await new Promise(resolve => setImmediate(resolve))
    return value
  }
  return {
    target: {
      dim: target.dim,
      logDensity: rows => answer(target.logDensity(rows)),
      withGradient: rows => answer(target.withGradient!(rows)),
    },
    calls: () => calls,
  }
}

for (const [name, sample] of Object.entries(walkers)) {
  t.test(
    `${name}: a chain is the same alone, in company, and of a target that answers later; all are asked at once`,
    async t => {
      const together = await sample(target, start)
      const alone = await sample(target, start.slice(0, 2 * dim))
      for (let step = 0; step < steps.length; step++) {
        const row = together.draws.subarray(step * 5 * dim, (step * 5 + 2) * dim)
        t.same(row, alone.draws.subarray(step * 2 * dim, (step + 1) * 2 * dim))
      }
      const waiting = later(target)
      const awaited = await sample(waiting.target, start)
      t.same(awaited.draws, together.draws)
      t.equal(awaited.evaluations, together.evaluations)
      // chains whose trajectories are longer end alone
      t.ok(waiting.calls() < 0.6 * awaited.evaluations, `${waiting.calls()} calls for ${awaited.evaluations} points`)
      t.same(together.logDensity, await target.logDensity(together.draws))
    },
  )
}

t.test('NUTS takes 2^k - 1 steps or breaks off, and no more than it may', async t => {
  const { trajectories } = await sampleNuts(target, start, key, { ...steps, maxDepth: 3 })
  for (const [i, count] of trajectories!.steps.entries()) {
    t.ok(count >= 1 && count <= 7)
    if (trajectories!.cut![i]) t.equal(count, 7)
  }
  t.ok(trajectories!.cut!.some(one => one === 1))
})

t.test('a wall is a divergence, and no draw lies behind it', async t => {
  const wall = pointwiseTarget(
    1,
    x => (x[0] > 0 ? -x[0] : -Infinity),
    (x, gradient) => {
      gradient[0] = -1
      return x[0] > 0 ? -x[0] : Number.NaN
    },
  )
  const { draws, trajectories } = await sampleNuts(wall, Float64Array.of(1, 2), key, { warmUp: 200, length: 200 })
  t.ok(draws.every(x => x > 0))
  t.ok(trajectories!.divergent.some(one => one === 1))
})

t.test('what cannot work is refused', async t => {
  const flat = pointwiseTarget(2, () => 0)
  await t.rejects(sampleNuts(flat, new Float64Array(4), key, steps), { message: /gradient/ })
  await t.rejects(sampleNuts(target, new Float64Array(7), key, steps), UsageError)
  await t.rejects(sampleMetropolis(flat, new Float64Array(4), key, { ...steps, deviations: [1] }), UsageError)
  const nowhere = pointwiseTarget(2, () => -Infinity)
  await t.rejects(sampleMetropolis(nowhere, new Float64Array(4), key, steps), UsageError)
})

t.test('windows of a warm-up are as in Stan', async t => {
  // its default of 1,000 ends at 950; ours leaves a tenth to the last step size
  t.same(warmUpWindows(1000), { first: 75, ends: [100, 150, 250, 450, 900] })
  t.same(warmUpWindows(400), { first: 75, ends: [100, 150, 350] })
  t.same(warmUpWindows(100), { first: 15, ends: [90] })
  t.same(warmUpWindows(10).ends, [])
  for (let warmUp = 20; warmUp < 3000; warmUp += 7) {
    const { first, ends } = warmUpWindows(warmUp)
    t.ok(ends.every((end, i) => end > (ends[i - 1] ?? first) && end <= warmUp))
  }
})

t.test(
  'a posterior over the coordinates of its prior: its gradient is that of its density, by either road',
  async t => {
    const likelihood = pointwiseTarget(
      3,
      x => -((x[0] * x[1] - 0.2) ** 2) - Math.sin(x[2]),
      (x, gradient) => {
        const off = x[0] * x[1] - 0.2
        gradient[0] = -2 * off * x[1]
        gradient[1] = -2 * off * x[0]
        gradient[2] = -Math.cos(x[2])
        return -(off ** 2) - Math.sin(x[2])
      },
    )
    const priors = {
      product: productPrior({ a: { uniform: [0.1, 0.5] }, b: { normal: [1, 2] }, c: { lognormal: [0, 0.5] } }),
      joint: gaussianPrior(['a', 'b', 'c'], [0, 1, 2], [1, 0.3, 0.2, 0.3, 2, 0.1, 0.2, 0.1, 0.5]),
    }
    const z = Float64Array.from(normal(key.split('z'), 12))
    for (const [name, prior] of Object.entries(priors)) {
      const { names, toTheta, toNormal, logProb } = prior
      const own = posteriorTarget(prior, likelihood)
      const differences = posteriorTarget({ names, toTheta, toNormal, logProb }, likelihood)
      const [a, b] = [await own.withGradient!(z), await differences.withGradient!(z)]
      t.same(a.logDensity, await own.logDensity(z))
      const logs = await likelihood.logDensity(prior.toTheta(z))
      for (const [row, log] of a.logDensity.entries()) {
        const square = z.subarray(3 * row, 3 * row + 3).reduce((sum, u) => sum + u * u, 0)
        t.ok(Math.abs(log - logs[row] + square / 2 + 1.5 * Math.log(2 * Math.PI)) < 1e-12)
      }
      for (const [at, slope] of a.gradient.entries()) {
        t.ok(
          Math.abs(b.gradient[at] - slope) < 1e-7 * (1 + Math.abs(slope)),
          `${name}: ${slope}, by differences ${b.gradient[at]}`,
        )
        const [up, down] = [Float64Array.from(z), Float64Array.from(z)]
        up[at] += 1e-5
        down[at] -= 1e-5
        const row = Math.floor(at / 3)
        const difference = ((await own.logDensity(up))[row] - (await own.logDensity(down))[row]) / 2e-5
        t.ok(Math.abs(difference - slope) < 1e-6 * (1 + Math.abs(slope)), `${name}: ${slope}, ${difference}`)
      }
    }
  },
)
