import { ThetaOutOfRange, UsageError, WorkError } from '../../../core/index.js'
import { type ThetaTerms, termPenalties, termValues } from '../../../generative/pairs/index.js'

/**
 * How marks depend on theta: products of standardised logarithms (of the values themselves where one is not positive).
 */
export interface ThetaSpace extends ThetaTerms {
  /** Whether a parameter's logarithm is taken; `range` is of the parameter itself */
  readonly logarithmic: readonly boolean[]
}

/** Masses and velocities change strongly with these: their cubes as well. */
const strongParameters = ['omega_m', 'sigma_8']

/**
 * Constant, linear, all products of two, and the cubic ones of omega_m and sigma_8: each kind where there are five
 * fields for two terms.
 */
export function thetaSpace(names: readonly string[], rows: readonly (readonly number[])[]): ThetaSpace {
  const logarithmic = names.map((_, p) => rows.every(row => row[p] > 0))
  const columns = names.map((_, p) => rows.map(row => (logarithmic[p] ? Math.log(row[p]) : row[p])))
  const mean = columns.map(values => values.reduce((a, b) => a + b, 0) / values.length)
  const spread = columns.map((values, p) =>
    Math.sqrt(values.reduce((a, b) => a + (b - mean[p]) ** 2, 0) / values.length),
  )
  const free = names.map((_, p) => p).filter(p => spread[p] > 1e-9 * Math.max(1, Math.abs(mean[p])))
  const terms: number[][] = [[]]
  const room = (more: number) => 2 * rows.length >= 5 * (terms.length + more)
  if (room(free.length)) for (const p of free) terms.push([p])
  const squares = free.flatMap((p, i) => free.slice(i).map(q => [p, q]))
  const strong = strongParameters.map(name => names.indexOf(name)).filter(p => free.includes(p))
  const cubes = strong.flatMap((p, i) => strong.slice(i).flatMap((q, j) => strong.slice(i + j).map(r => [p, q, r])))
  if (terms.length > 1 && room(squares.length)) {
    terms.push(...squares)
    if (room(cubes.length)) terms.push(...cubes)
  }
  return {
    names,
    logarithmic,
    mean,
    deviation: spread.map((s, p) => (free.includes(p) ? s : 1)),
    range: names.map((_, p) => {
      const values = rows.map(row => row[p])
      return [Math.min(...values), Math.max(...values)] as const
    }),
    terms,
  }
}

/** `[terms]` at one theta. @throws ThetaOutOfRange beyond the fields of the fit, unless `extrapolate` */
export function termsAt(space: ThetaSpace, theta: Readonly<Record<string, number>>, extrapolate = false): Float64Array {
  const values = space.names.map((name, p) => {
    const value = theta[name]
    if (value === undefined)
      throw new UsageError(
        `expected a value of ${name}, on which masses and velocities depend`,
        `got ${JSON.stringify(theta)}`,
        `name ${name}`,
      )
    const [low, high] = space.range[p]
    const slack = 1e-6 * Math.max(Math.abs(low), Math.abs(high))
    const used = space.terms.some(term => term.includes(p))
    if (!extrapolate && used && !(value >= low - slack && value <= high + slack))
      throw new ThetaOutOfRange(name, value, [low, high])
    return space.logarithmic[p] ? Math.log(value) : value
  })
  return termValues(space, values)
}

/** Penalties of the terms in a ridge regression, ten times more for each degree. */
export function penaltiesOf(space: ThetaSpace): number[] {
  return termPenalties(space)
}

/** Terms for what changes little with theta: the constant, the linear ones, the products of omega_m and sigma_8. */
export function coarseTerms({ names, terms }: ThetaSpace): number[] {
  const strong = strongParameters.map(name => names.indexOf(name))
  return terms.flatMap((term, t) =>
    term.length < 2 || (term.length === 2 && term.every(p => strong.includes(p))) ? [t] : [],
  )
}

/**
 * Weighted least squares of `columns` values a row on a few regressors, with a ridge relative to the diagonal:
 * `[regressors, columns]`. For tens of unknowns; larger systems go to the engine.
 */
export function regress(
  design: readonly Float64Array[],
  values: readonly ArrayLike<number>[],
  options: {
    readonly weights?: ArrayLike<number>
    readonly ridge?: number
    readonly penalties?: readonly number[]
  } = {},
): Float64Array {
  const { weights, ridge = 1e-6, penalties } = options
  const n = design[0].length
  const columns = values[0].length
  const matrix = new Float64Array(n * n)
  const right = new Float64Array(n * columns)
  design.forEach((row, r) => {
    const weight = weights?.[r] ?? 1
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) matrix[i * n + j] += weight * row[i] * row[j]
      for (let c = 0; c < columns; c++) right[i * columns + c] += weight * row[i] * values[r][c]
    }
  })
  for (let i = 0; i < n; i++) matrix[i * n + i] += ridge * (penalties?.[i] ?? 1) * matrix[i * n + i] + 1e-12
  factor(matrix, n)
  for (let c = 0; c < columns; c++) {
    for (let i = 0; i < n; i++) {
      let sum = right[i * columns + c]
      for (let k = 0; k < i; k++) sum -= matrix[i * n + k] * right[k * columns + c]
      right[i * columns + c] = sum / matrix[i * n + i]
    }
    for (let i = n - 1; i >= 0; i--) {
      let sum = right[i * columns + c]
      for (let k = i + 1; k < n; k++) sum -= matrix[k * n + i] * right[k * columns + c]
      right[i * columns + c] = sum / matrix[i * n + i]
    }
  }
  return right
}

/** Cholesky factor in place, lower triangle. */
function factor(matrix: Float64Array, n: number): void {
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * n + j]
      for (let k = 0; k < j; k++) sum -= matrix[i * n + k] * matrix[j * n + k]
      if (i !== j) matrix[i * n + j] = sum / matrix[j * n + j]
      else if (sum > 0) matrix[i * n + i] = Math.sqrt(sum)
      else
        throw new WorkError(
          'expected independent regressors in a fit over theta',
          `got a pivot of ${sum} at ${i} of ${n}`,
          'fit on more fields',
        )
    }
}

/** Terms `[terms]` times coefficients `[terms, columns]`. */
export function applyTerms(terms: ArrayLike<number>, coefficients: ArrayLike<number>): Float64Array {
  const columns = coefficients.length / terms.length
  const out = new Float64Array(columns)
  for (let t = 0; t < terms.length; t++)
    for (let c = 0; c < columns; c++) out[c] += terms[t] * coefficients[t * columns + c]
  return out
}
