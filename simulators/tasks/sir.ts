import { type Key, randomWords } from '../../core/index.js'
import { productPrior } from '../../generative/prior/index.js'
import { binomialOf, logBinomial } from './binomial.js'
import { solveOde } from './solveOde.js'
import { mapRows, numbered, type Task } from './task.js'

const population = 1e6
const tested = 1000
const days = Array.from({ length: 10 }, (_, i) => 17 * i)
const accuracy = { relative: 1e-6, absolute: 1e-6, mostSteps: 10_000 }

/** The share infected on days 0, 17, …, 153; undefined where the solver failed. */
function infected([beta, gamma]: ArrayLike<number> & Iterable<number>): Float64Array | undefined {
  const solved = solveOde(
    (y, into) => {
      const caught = (beta * y[0] * y[1]) / population
      into[0] = -caught
      into[1] = caught - gamma * y[1]
    },
    [population - 1, 1],
    days,
    accuracy,
  )
  return solved && Float64Array.from(days, (_, at) => Math.min(1, Math.max(0, solved[2 * at + 1] / population)))
}

/** Uniform numbers of 53 bits: the tails of the binomial need them. */
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
  dataNames: numbered('data', days.length),
  simulate(theta, key) {
    const n = theta.length / 2
    const u = fineUniform(key, n * days.length)
    const x = new Float64Array(n * days.length).fill(Number.NaN)
    for (let row = 0; row < n; row++)
      infected(theta.subarray(2 * row, 2 * row + 2))?.forEach((share, at) => {
        x[row * days.length + at] = binomialOf(u[row * days.length + at], tested, share)
      })
    return x
  },
  logLikelihood: (theta, x) =>
    mapRows(
      theta,
      2,
      row => infected(row)?.reduce((sum, share, at) => sum + logBinomial(x[at], tested, share), 0) ?? -Infinity,
    ),
}
