import { type Key, randomWords } from '../../core/index.js'
import { productPrior } from '../../generative/prior/index.js'
import { binomialOf, logBinomial } from './binomial.js'
import { solveOde } from './solveOde.js'
import { mapRows, numbered, type Task } from './task.js'

const POPULATION = 1e6
const TESTED = 1000
const TIMES = Array.from({ length: 10 }, (_, i) => 17 * i)
const accuracy = { relative: 1e-6, absolute: 1e-6, mostSteps: 10_000 }

/** The share infected on days 0, 17, …, 153; undefined where the solver failed. */
function infected([beta, gamma]: ArrayLike<number> & Iterable<number>): Float64Array | undefined {
  const solved = solveOde(
    (y, into) => {
      const caught = (beta * y[0] * y[1]) / POPULATION
      into[0] = -caught
      into[1] = caught - gamma * y[1]
    },
    [POPULATION - 1, 1],
    TIMES,
    accuracy,
  )
  return solved && Float64Array.from(TIMES, (_, at) => Math.min(1, Math.max(0, solved[2 * at + 1] / POPULATION)))
}

/** Uniform numbers of 53 bits: the tails of the binomial want them. */
function fineUniform(key: Key, count: number): Float64Array {
  const words = randomWords(key, 2 * count)
  return Float64Array.from(
    { length: count },
    (_, i) => ((words[2 * i] >>> 5) * 2 ** 26 + (words[2 * i + 1] >>> 6) + 0.5) * 2 ** -53,
  )
}

/**
 * An epidemic: susceptible, infected, recovered of a million, one ill at first, contact rate beta and recovery rate
 * gamma a day; on ten days a thousand are tested. Kermack and McKendrick 1927; Lueckmann et al. 2021, arXiv 2101.04653,
 * T.9.
 */
export const sir: Task = {
  name: 'sir',
  prior: productPrior({ beta: { lognormal: [Math.log(0.4), 0.5] }, gamma: { lognormal: [Math.log(0.125), 0.2] } }),
  dataNames: numbered('data', TIMES.length),
  simulate(theta, key) {
    const n = theta.length / 2
    const u = fineUniform(key, n * TIMES.length)
    const x = new Float64Array(n * TIMES.length).fill(Number.NaN)
    for (let row = 0; row < n; row++)
      infected(theta.subarray(2 * row, 2 * row + 2))?.forEach((share, at) => {
        x[row * TIMES.length + at] = binomialOf(u[row * TIMES.length + at], TESTED, share)
      })
    return x
  },
  logLikelihood: (theta, x) =>
    mapRows(
      theta,
      2,
      row => infected(row)?.reduce((sum, share, at) => sum + logBinomial(x[at], TESTED, share), 0) ?? -Infinity,
    ),
}
