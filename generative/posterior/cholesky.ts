/**
 * The lower triangle L of a positive definite matrix C = L L^T, row-major with zeros above.
 *
 * @param matrix `[dim, dim]`
 * @returns undefined where the matrix is not positive definite to within rounding
 */
export function cholesky(matrix: Float64Array, dim: number): Float64Array | undefined {
  return factored(matrix, dim, (pivot, diagonal) => (pivot > 1e-14 * diagonal ? pivot : undefined))
}

/** The same with pivots below `least` raised to it, for matrices that are positive definite but for their errors. */
export function choleskyRaised(matrix: Float64Array, dim: number, least: number): Float64Array {
  return factored(matrix, dim, pivot => Math.max(pivot, least)) as Float64Array
}

function factored(
  matrix: Float64Array,
  dim: number,
  accepted: (pivot: number, diagonal: number) => number | undefined,
): Float64Array | undefined {
  const lower = new Float64Array(dim * dim)
  for (let i = 0; i < dim; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * dim + j]
      for (let k = 0; k < j; k++) sum -= lower[i * dim + k] * lower[j * dim + k]
      if (i !== j) {
        lower[i * dim + j] = sum / lower[j * dim + j]
        continue
      }
      const pivot = accepted(sum, matrix[i * dim + i])
      if (pivot === undefined) return undefined
      lower[i * dim + i] = Math.sqrt(pivot)
    }
  }
  return lower
}

/** Writes L x to `out`. */
export function timesLower(lower: Float64Array, x: Float64Array, out: Float64Array): Float64Array {
  const dim = x.length
  for (let i = 0; i < dim; i++) {
    let sum = 0
    for (let j = 0; j <= i; j++) sum += lower[i * dim + j] * x[j]
    out[i] = sum
  }
  return out
}

/** Writes L^-1 b to `out`. */
export function solveLower(lower: Float64Array, b: Float64Array, out: Float64Array): Float64Array {
  const dim = b.length
  for (let i = 0; i < dim; i++) {
    let sum = b[i]
    for (let j = 0; j < i; j++) sum -= lower[i * dim + j] * out[j]
    out[i] = sum / lower[i * dim + i]
  }
  return out
}

/**
 * Mean `[dim]` and covariance `[dim, dim]` of rows with weights that sum to 1 (absent: all alike), without the
 * correction of small numbers.
 */
export function momentsOf(
  rows: Float64Array,
  dim: number,
  weights?: Float64Array,
): { mean: Float64Array; covariance: Float64Array } {
  const count = rows.length / dim
  const mean = new Float64Array(dim)
  const covariance = new Float64Array(dim * dim)
  for (let row = 0, at = 0; row < count; row++, at += dim) {
    const w = weights ? weights[row] : 1 / count
    if (w === 0) continue
    for (let i = 0; i < dim; i++) mean[i] += w * rows[at + i]
  }
  for (let row = 0, at = 0; row < count; row++, at += dim) {
    const w = weights ? weights[row] : 1 / count
    if (w === 0) continue
    for (let i = 0; i < dim; i++) {
      const off = w * (rows[at + i] - mean[i])
      for (let j = 0; j <= i; j++) covariance[i * dim + j] += off * (rows[at + j] - mean[j])
    }
  }
  for (let i = 0; i < dim; i++) for (let j = 0; j < i; j++) covariance[j * dim + i] = covariance[i * dim + j]
  return { mean, covariance }
}
