import { cholesky, timesLower } from './cholesky.js'

/**
 * The units in which a trajectory moves: theta = L q with L L^T near the covariance of the target, so that in q all
 * directions are alike. Momenta are those of q, standard normal; this is the same as a mass matrix (L L^T)^-1 in theta.
 */
export interface Scales {
  /** Writes L n to `out`. */
  toPosition(n: Float64Array, out: Float64Array): void
  /** Writes L^T g to `out`. */
  toPull(gradient: Float64Array, out: Float64Array): void
}

/** @param deviations `[dim]` */
export function diagonalScales(deviations: Float64Array): Scales {
  const multiply = (from: Float64Array, out: Float64Array): void => {
    for (let i = 0; i < deviations.length; i++) out[i] = deviations[i] * from[i]
  }
  return { toPosition: multiply, toPull: multiply }
}

/** @param lower `[dim, dim]`, Cholesky's factor of the covariance */
function denseScales(lower: Float64Array, dim: number): Scales {
  return {
    toPosition: (n, out) => {
      timesLower(lower, n, out)
    },
    toPull: (gradient, out) => {
      out.fill(0)
      for (let i = 0; i < dim; i++) {
        const own = gradient[i]
        for (let j = 0; j <= i; j++) out[j] += lower[i * dim + j] * own
      }
    },
  }
}

/** What warm-up learns of the target's scales. */
export interface ScaleLearner {
  add(x: Float64Array): void
  /** Of the points added since the last call, shrunk towards a small sphere where they were few, as Stan does. */
  scales(): Scales
}

/** Running means and (co)variances (Welford 1962). */
export function scaleLearner(dim: number, kind: 'diagonal' | 'dense'): ScaleLearner {
  const mean = new Float64Array(dim)
  const off = new Float64Array(dim)
  const squares = new Float64Array(kind === 'dense' ? dim * dim : dim)
  let count = 0
  const variance = (sum: number, diagonal: boolean): number =>
    ((count / (count + 5)) * sum) / Math.max(1, count - 1) + (diagonal ? (1e-3 * 5) / (count + 5) : 0)
  return {
    add(x) {
      count++
      for (let i = 0; i < dim; i++) {
        off[i] = x[i] - mean[i]
        mean[i] += off[i] / count
      }
      if (kind === 'diagonal') for (let i = 0; i < dim; i++) squares[i] += off[i] * (x[i] - mean[i])
      else {
        for (let i = 0; i < dim; i++) {
          for (let j = 0; j < dim; j++) squares[i * dim + j] += off[i] * (x[j] - mean[j])
        }
      }
    },
    scales() {
      const diagonal = Float64Array.from({ length: dim }, (_, i) =>
        Math.sqrt(variance(squares[kind === 'dense' ? i * dim + i : i], true)),
      )
      const lower =
        kind === 'dense'
          ? cholesky(
              squares.map((sum, at) => variance(sum, at % (dim + 1) === 0)),
              dim,
            )
          : undefined
      mean.fill(0)
      squares.fill(0)
      count = 0
      return lower ? denseScales(lower, dim) : diagonalScales(diagonal)
    },
  }
}
