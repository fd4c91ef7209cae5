import { countBelow } from '../../core/index.js'
import { choleskyRaised, solveLower } from '../posterior/cholesky.js'
import { normalInverseCdf } from '../posterior/standardNormal.js'

/**
 * The logarithm of the density that `draws` of one number suggest at `truth`: a Gaussian kernel of Silverman's width
 * (1986, eq. 3.31) with the draws reflected at both ends of [low, high], so that no density is lost outside. One in
 * count + 1 shares is kept for the uniform density on [low, high]: a truth that no draw is near costs log(count + 1)
 * against the prior, not infinitely much.
 *
 * @param sorted ascending
 */
export function marginalLogDensity(sorted: Float64Array, truth: number, low: number, high: number): number {
  const count = sorted.length
  const mean = sorted.reduce((sum, x) => sum + x, 0) / count
  const sd = Math.sqrt(sorted.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (count - 1))
  const quartiles = sorted[Math.floor(0.75 * (count - 1))] - sorted[Math.floor(0.25 * (count - 1))]
  const floor = 1 / (count + 1)
  const uniform = 1 / (high - low)
  const width = 0.9 * (quartiles > 0 ? Math.min(sd, quartiles / 1.34) : sd) * count ** -0.2
  if (truth < low || truth > high || !(width > 0)) return Math.log(floor * uniform)
  let sum = 0
  for (const x of sorted) sum += kernel((truth - x) / width)
  // images matter near the ends alone
  const reach = 8 * width
  if (truth - low < reach) for (const x of sorted) sum += kernel((truth + x - 2 * low) / width)
  if (high - truth < reach) for (const x of sorted) sum += kernel((truth + x - 2 * high) / width)
  const density = sum / (count * width * Math.sqrt(2 * Math.PI))
  return Math.log((1 - floor) * density + floor * uniform)
}

const kernel = (z: number): number => (z > 8 || z < -8 ? 0 : Math.exp((-z * z) / 2))

/**
 * The logarithm of the joint density at the truth, in the unit cube of the prior (0 is what the prior knows): kernel
 * densities of the single coordinates tied by a Gaussian copula, whose correlations are those of the draws' normal
 * scores. It sees linear dependence of ranks and no other; it does so for draws of every origin alike. As above, one
 * share in count + 1 is the prior's.
 *
 * @param draws `[count, dim]` in the unit cube; count at least a few hundred
 * @param truth `[dim]`
 * @param rankScores `normalScores(count)`, to save computing them at every call
 */
export function jointLogDensity(
  draws: Float64Array,
  truth: Float64Array,
  rankScores: Float64Array = normalScores(draws.length / truth.length),
): number {
  const dim = truth.length
  const count = draws.length / dim
  const scores = Array.from({ length: dim }, () => new Float64Array(count))
  const own = new Float64Array(dim)
  let log = 0
  for (let p = 0; p < dim; p++) {
    const values = columnOf(draws, p, dim)
    const sorted = values.slice().sort()
    for (let i = 0; i < count; i++) scores[p][i] = rankScores[countBelow(sorted, values[i])]
    const below = countBelow(sorted, truth[p])
    own[p] = normalInverseCdf((below + 0.5) / (count + 1))
    log += marginalLogDensity(sorted, truth[p], 0, 1)
  }
  const square = rankScores.reduce((sum, z) => sum + z * z, 0)
  const correlation = new Float64Array(dim * dim).fill(1)
  for (let a = 0; a < dim; a++) {
    for (let b = 0; b < a; b++) {
      let sum = 0
      for (let i = 0; i < count; i++) sum += scores[a][i] * scores[b][i]
      // a little less than measured keeps the matrix positive
      correlation[a * dim + b] = (sum / square) * (1 - 1 / count)
      correlation[b * dim + a] = correlation[a * dim + b]
    }
  }
  log += copulaLogDensity(correlation, own)
  const floor = 1 / (count + 1)
  const high = Math.max(log, 0)
  return high + Math.log((1 - floor) * Math.exp(log - high) + floor * Math.exp(-high))
}

/** Every `dim`-th of `values` from `first` on; a loop, because it takes much of the time of a score. */
export function columnOf(values: Float64Array, first: number, dim: number): Float64Array {
  const column = new Float64Array(values.length / dim)
  for (let i = 0; i < column.length; i++) column[i] = values[i * dim + first]
  return column
}

/** -1/2 log det C - 1/2 z^T (C^-1 - 1) z. */
function copulaLogDensity(correlation: Float64Array, z: Float64Array): number {
  const dim = z.length
  const lower = choleskyRaised(correlation, dim, 1e-10)
  const solved = solveLower(lower, z, new Float64Array(dim))
  let log = 0
  for (let a = 0; a < dim; a++) log += -Math.log(lower[a * dim + a]) - (solved[a] ** 2 - z[a] ** 2) / 2
  return log
}

/** `[count]` the normal numbers that split the distribution evenly: scores of ranks 0 … count - 1. */
export function normalScores(count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, rank) => normalInverseCdf((rank + 0.5) / count))
}
