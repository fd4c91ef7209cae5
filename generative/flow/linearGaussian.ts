import { CholeskyDecomposition, Matrix } from 'ml-matrix'

/**
 * y given x as a Gaussian whose mean is linear in x: y = slope x + offset + lower e, e ~ N(0, I). Plain numbers, so
 * that a run folder can keep it.
 */
export interface LinearGaussian {
  /** `[to, from]`, row-major */
  readonly slope: readonly number[]
  /** `[to]` */
  readonly offset: readonly number[]
  /** `[to, to]`, row-major: the Cholesky factor of the residuals' covariance */
  readonly lower: readonly number[]
}

/**
 * Residuals narrower than this share of the spread of y are taken to be as wide: a deterministic relation would have
 * none.
 */
const narrowestSpread = 1e-3

/**
 * Least squares with a little ridge (a part in 10^4 of the mean variance of x), and the covariance of what is left.
 *
 * @param from `[rows, inputs]`
 * @param to   `[rows, outputs]`
 */
export function fitLinearGaussian(
  from: Float64Array,
  inputs: number,
  to: Float64Array,
  outputs: number,
): LinearGaussian {
  const rows = from.length / inputs
  const meanFrom = columnMeans(from, inputs)
  const meanTo = columnMeans(to, outputs)
  const within = products(from, meanFrom, from, meanFrom)
  const across = products(from, meanFrom, to, meanTo)
  const ridge = (1e-4 * within.trace()) / inputs + 1e-12
  for (let i = 0; i < inputs; i++) within.set(i, i, within.get(i, i) + ridge)
  const slope = new CholeskyDecomposition(within).solve(across).transpose()
  const offset = meanTo.map((mean, k) => mean - meanFrom.reduce((sum, x, i) => sum + slope.get(k, i) * x, 0))

  const residuals = Float64Array.from(to)
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < outputs; k++) {
      let fitted = offset[k]
      for (let i = 0; i < inputs; i++) fitted += slope.get(k, i) * from[row * inputs + i]
      residuals[row * outputs + k] -= fitted
    }
  }
  const none = Array<number>(outputs).fill(0)
  const covariance = products(residuals, none, residuals, none)
  const spread = products(to, meanTo, to, meanTo)
  for (let k = 0; k < outputs; k++) {
    covariance.set(k, k, covariance.get(k, k) + narrowestSpread ** 2 * (spread.get(k, k) || 1))
  }
  return {
    slope: slope.to1DArray(),
    offset,
    lower: new CholeskyDecomposition(covariance).lowerTriangularMatrix.to1DArray(),
  }
}

/** L^-1 of a lower triangle, row-major `[n, n]`. */
export function inverseLower(lower: readonly number[]): Float64Array {
  const n = Math.round(Math.sqrt(lower.length))
  const inverse = new Float64Array(n * n)
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let sum = i === j ? 1 : 0
      for (let k = j; k < i; k++) sum -= lower[i * n + k] * inverse[k * n + j]
      inverse[i * n + j] = sum / lower[i * n + i]
    }
  }
  return inverse
}

function columnMeans(values: Float64Array, columns: number): number[] {
  const sums = Array<number>(columns).fill(0)
  for (let i = 0; i < values.length; i++) sums[i % columns] += values[i]
  return sums.map(sum => (sum * columns) / values.length)
}

/** Mean over rows of (a - meanA) (b - meanB)^T. */
function products(a: Float64Array, meanA: readonly number[], b: Float64Array, meanB: readonly number[]): Matrix {
  const [m, n] = [meanA.length, meanB.length]
  const rows = a.length / m
  const sums = new Float64Array(m * n)
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < m; i++) {
      const left = a[row * m + i] - meanA[i]
      for (let j = 0; j < n; j++) sums[i * n + j] += left * (b[row * n + j] - meanB[j])
    }
  }
  const matrix = Matrix.zeros(m, n)
  for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) matrix.set(i, j, sums[i * n + j] / rows)
  return matrix
}

/** Residuals r = L^-1 (y - A x - b) of one x, and back; without a regression they are y itself. */
export function residualsGiven(regression: LinearGaussian | undefined, x: Float64Array, dim: number) {
  if (!regression) return { logScale: 0, of: (y: Float64Array) => y, back: (residuals: Float64Array) => residuals }
  const { slope, offset, lower } = regression
  const inverse = inverseLower(lower)
  const centre = offset.map((b, k) => b + x.reduce((sum, value, i) => sum + slope[k * x.length + i] * value, 0))
  return {
    /** log |L| */
    logScale: Array.from({ length: dim }, (_, k) => Math.log(lower[k * dim + k])).reduce((a, b) => a + b, 0),
    of: (y: Float64Array) => lowerTimes(inverse, y, dim, (value, k) => value - centre[k]),
    back: (residuals: Float64Array) => lowerTimes(lower, residuals, dim).map((value, i) => value + centre[i % dim]),
  }
}

/** Every row, `[n, dim]`, times a lower triangle from the left. */
function lowerTimes(
  lower: ArrayLike<number>,
  rows: Float64Array,
  dim: number,
  first: (value: number, column: number) => number = value => value,
): Float64Array {
  const out = new Float64Array(rows.length)
  for (let row = 0; row < rows.length; row += dim) {
    for (let i = 0; i < dim; i++) {
      for (let j = 0; j <= i; j++) out[row + i] += lower[i * dim + j] * first(rows[row + j], j)
    }
  }
  return out
}
