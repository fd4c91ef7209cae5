import { cholesky, momentsOf, solveLower, timesLower } from '../cholesky.js'
import { randomStream } from '../randomStream.js'
import type { Approximation } from './approximation.js'

export type GaussianKind = 'mean-field' | 'full-rank'

/** N(mean, L L^T); L is diagonal in a mean field. */
export interface Gaussian extends Approximation {
  /** `[dim]` */
  readonly mean: Float64Array
  /** L, `[dim, dim]`, lower triangle */
  readonly lower: Float64Array
}

export function gaussian(mean: Float64Array, lower: Float64Array): Gaussian {
  const dim = mean.length
  let logNorm = (-dim / 2) * Math.log(2 * Math.PI)
  for (let i = 0; i < dim; i++) logNorm -= Math.log(lower[i * dim + i])
  const logAt = (y: Float64Array) => logNorm - y.reduce((sum, u) => sum + u * u, 0) / 2
  return {
    dim,
    mean,
    lower,
    async draw(n, key) {
      const random = randomStream(key)
      const rows = new Float64Array(n * dim)
      const logProb = new Float64Array(n)
      const y = new Float64Array(dim)
      for (let row = 0; row < n; row++) {
        for (let i = 0; i < dim; i++) y[i] = random.normal()
        logProb[row] = logAt(y)
        timesLower(lower, y.slice(), y)
        for (let i = 0; i < dim; i++) rows[row * dim + i] = mean[i] + y[i]
      }
      return { rows, logProb }
    },
    logProb: async rows => {
      const y = new Float64Array(dim)
      return Float64Array.from({ length: rows.length / dim }, (_, row) => {
        for (let i = 0; i < dim; i++) y[i] = rows[row * dim + i] - mean[i]
        return logAt(solveLower(lower, y, y))
      })
    },
  }
}

/**
 * The Gaussian of least KL(p || q) to weighted draws of p: that with their moments.
 *
 * @returns undefined where the draws lie in a plane
 */
export function gaussianOfDraws(
  rows: Float64Array,
  dim: number,
  kind: GaussianKind,
  weights?: Float64Array,
): Gaussian | undefined {
  const { mean, covariance } = momentsOf(rows, dim, weights)
  const own = kind === 'full-rank' ? covariance : covariance.map((c, at) => (at % (dim + 1) === 0 ? c : 0))
  const lower = cholesky(own, dim)
  return lower && gaussian(mean, lower)
}

/** L = scale I */
export function scaledIdentity(dim: number, scale = 1): Float64Array {
  return new Float64Array(dim * dim).map((_, at) => (at % (dim + 1) === 0 ? scale : 0))
}
