import { determinant, inverse, Matrix } from 'ml-matrix'

/** Draws of some parameters as their mean and covariance. */
export interface DrawMoments {
  readonly mean: readonly number[]
  readonly covariance: Matrix
  readonly precision: Matrix
}

/** @param draws `[n, p]` @param columns which of the p */
export function momentsOfDraws(draws: Float64Array, p: number, columns: readonly number[]): DrawMoments {
  const n = draws.length / p
  const mean = columns.map(c => {
    let sum = 0
    for (let i = 0; i < n; i++) sum += draws[i * p + c]
    return sum / n
  })
  const covariance = Matrix.zeros(columns.length, columns.length)
  for (let i = 0; i < n; i++)
    for (const [a, ca] of columns.entries())
      for (const [b, cb] of columns.entries())
        covariance.set(a, b, covariance.get(a, b) + ((draws[i * p + ca] - mean[a]) * (draws[i * p + cb] - mean[b])) / n)
  return { mean, covariance, precision: inverse(covariance) }
}

/** (x - mean)^T C^-1 (x - mean). */
function squaredDistance({ mean, precision }: DrawMoments, x: readonly number[]): number {
  let sum = 0
  for (let a = 0; a < x.length; a++)
    for (let b = 0; b < x.length; b++) sum += (x[a] - mean[a]) * precision.get(a, b) * (x[b] - mean[b])
  return sum
}

/** log-density of the normal distribution with these moments. */
export function logNormalAt(moments: DrawMoments, x: readonly number[]): number {
  const logDeterminant = Math.log(determinant(moments.covariance))
  return -0.5 * (squaredDistance(moments, x) + logDeterminant + x.length * Math.log(2 * Math.PI))
}

/**
 * The credibility of the smallest region that holds the truth, of the regions about the mean with the shape of the
 * covariance: the share of draws nearer to the mean than the truth is. Uniform where the posterior is true, so that a
 * truth lies in the 68% region where it is below .68.
 */
export function jointCredibility(
  draws: Float64Array,
  p: number,
  columns: readonly number[],
  truth: readonly number[],
): number {
  const moments = momentsOfDraws(draws, p, columns)
  const own = squaredDistance(moments, truth)
  const n = draws.length / p
  let nearer = 0
  for (let i = 0; i < n; i++)
    if (
      squaredDistance(
        moments,
        columns.map(c => draws[i * p + c]),
      ) < own
    )
      nearer++
  return nearer / n
}
