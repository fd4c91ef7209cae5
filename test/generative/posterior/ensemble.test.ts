import t from 'tap'
import { makeKey, normal, UsageError, uniform } from '../../../core/index.js'
import {
  defaultMoves,
  differentialEvolution,
  type LogDensity,
  type Move,
  pointwiseTarget,
  sampleEnsemble,
  seriesOf,
  snooker,
  stretch,
} from '../../../generative/posterior/index.js'
import { expectation } from './expectation.js'

const key = makeKey(20261122)
const moves: Record<string, readonly (readonly [Move, number])[]> = {
  stretch: [[stretch(), 1]],
  'differential evolution': [[differentialEvolution(), 1]],
  snooker: [
    [snooker(), 0.7],
    [differentialEvolution(), 0.3],
  ],
  'the default': defaultMoves,
}

/** Densities whose moments are known. */
const targets: Record<
  string,
  { dim: number; logDensity: LogDensity; moments: [string, (x: Float64Array) => number, number][] }
> = {
  'a correlated Gaussian': {
    dim: 3,
    // x0 ~ N(1, 2^2), x1 = x0 / 2 + N(0, .1^2), x2 ~ N(0, 1)
    logDensity: x => -(((x[0] - 1) / 2) ** 2 + ((x[1] - x[0] / 2) / 0.1) ** 2 + x[2] ** 2) / 2,
    moments: [
      ['<x0>', x => x[0], 1],
      ['<x1>', x => x[1], 0.5],
      ['var x0', x => (x[0] - 1) ** 2, 4],
      ['cov', x => (x[0] - 1) * (x[1] - 0.5), 2],
      ['var x1', x => (x[1] - 0.5) ** 2, 1.01],
    ],
  },
  'a uniform box': {
    dim: 3,
    logDensity: x => (x.every(u => u > 0 && u < 1) ? 0 : -Infinity),
    moments: [
      ['<u0>', x => x[0], 1 / 2],
      ['<u1^2>', x => x[1] ** 2, 1 / 3],
      ['<u2^4>', x => x[2] ** 4, 1 / 5],
      ['<u0 u1>', x => x[0] * x[1], 1 / 4],
    ],
  },
  'a banana': {
    dim: 2,
    // Rosenbrock's valley: x0 ~ N(0, 1), x1 ~ N(x0^2, .5^2)
    logDensity: x => -(x[0] ** 2 + ((x[1] - x[0] ** 2) / 0.5) ** 2) / 2,
    moments: [
      ['<x0>', x => x[0], 0],
      // bounded, for the tails of a banana are visited seldom and their errors are not to be believed
      ['share |x0| < 1', x => +(Math.abs(x[0]) < 1), 0.6826894921],
      ['share |x0| > 2', x => +(Math.abs(x[0]) > 2), 0.0455002639],
      ['share above the valley', x => +(x[1] > x[0] ** 2), 0.5],
    ],
  },
}

for (const [name, { dim, logDensity, moments }] of Object.entries(targets)) {
  for (const [kind, mix] of Object.entries(moves)) {
    t.test(`${name} by ${kind}`, async t => {
      const walkers = 24
      const start = Float64Array.from(uniform(key.split(name), walkers * dim), u => (dim === 2 ? 6 * u - 3 : u))
      const options = { burnIn: 400, length: 1600, moves: mix }
      const chains = await sampleEnsemble(pointwiseTarget(dim, logDensity), start, key.split(kind), options)
      for (const [moment, f, expected] of moments) {
        const got = expectation(chains, f)
        t.ok(
          Math.abs(got.mean - expected) < 4 * got.error,
          `${moment} ${got.mean} +- ${got.error}, expected ${expected}`,
        )
        if (mix === defaultMoves) t.ok(got.rhat() < 1.05, `R-hat ${got.rhat()}`)
      }
      t.ok(chains.acceptance > 0.1 && chains.acceptance < 0.9, `${chains.acceptance}`)
    })
  }
}

t.test('intervals of a conjugate Gaussian hold their share', async t => {
  // mu ~ N(0, 1), ten data ~ N(mu, 1): the posterior is N(sum / 11, 1 / 11)
  let inside = 0
  const trials = 300
  for (let i = 0; i < trials; i++) {
    const own = key.split('conjugate').split(i)
    const [mu, ...noise] = normal(own.split('data'), 11)
    const sum = noise.reduce((a, b) => a + b + mu, 0)
    const start = Float64Array.from(normal(own.split('start'), 8))
    const target = pointwiseTarget(1, x => x[0] * sum - 5.5 * x[0] ** 2)
    const { draws } = await sampleEnsemble(target, start, own, { burnIn: 50, length: 100 })
    const below = draws.filter(x => x < mu).length / draws.length
    if (below > 0.16 && below < 0.84) inside++
  }
  const error = Math.sqrt(0.68 * 0.32 * trials)
  t.ok(Math.abs(inside - 0.68 * trials) < 3 * error, `${inside} of ${trials}`)
})

t.test('the same key gives the same draws; the draws kept are those of the walkers', async t => {
  const { dim, logDensity } = targets['a banana']
  const start = Float64Array.from(uniform(key, 16 * dim))
  const all = await sampleEnsemble(pointwiseTarget(dim, logDensity), start, key, { burnIn: 10, length: 60 })
  const thinned = await sampleEnsemble(pointwiseTarget(dim, logDensity), start, key, {
    burnIn: 10,
    length: 20,
    thin: 3,
  })
  t.same(
    seriesOf(thinned, 1)[5],
    seriesOf(all, 1)[5].filter((_, i) => i % 3 === 2),
  )
  for (let i = 0; i < 20; i++) {
    const own = all.draws.subarray(dim * i, dim * (i + 1))
    t.equal(logDensity(own), all.logDensity[i])
  }
})

t.test('a start that cannot work is refused', async t => {
  const flat: LogDensity = x => (x[0] > 0 ? 0 : -Infinity)
  const options = { burnIn: 1, length: 1 }
  const target = (dim: number) => pointwiseTarget(dim, flat)
  await t.rejects(sampleEnsemble(target(1), new Float64Array(7).fill(1), key, options), UsageError)
  await t.rejects(sampleEnsemble(target(5), new Float64Array(50).fill(-1), key, options), UsageError)
  t.ok(await sampleEnsemble(target(5), new Float64Array(50).fill(1), key, options))
})
