import type { CholeskySolver } from '../../engine/linalg/cholesky.js'

/** Second moments of one cloud at one noise level, as `gnn/pairs` sums them: lower triangle of `[F, e]^T [F, e]`. */
export interface CloudMoments {
  readonly rows: number
  readonly packed: Float32Array | Float64Array
}

/** One cloud in a fit: its moments and the values of the theta terms there. */
export interface RidgeRow {
  readonly moments: CloudMoments
  /** `[terms]` */
  readonly terms: Float64Array
}

export interface RidgeFit {
  /** `[terms, features]` */
  readonly coefficients: Float64Array
  readonly ridge: number
  /**
   * Share of the noise's variance explained on the clouds of the fit and on those held out (by a fit without them; NaN
   * without any)
   */
  readonly train: number
  readonly heldOut: number
}

export interface RidgeChoice {
  /** of each term */
  readonly penalties: readonly number[]
  /** candidates */
  readonly ridges: readonly number[]
  readonly floor?: number
}

/**
 * Least squares of the noise on features times theta terms, for all clouds at once: unknowns `terms x features`, normal
 * equations `sum_clouds (t t^T) (x) (F^T F)`, penalty of an unknown `ridge * penalty of its term * summed square of its
 * feature` (and `floor` times the mean over features, so that a feature which few rows have stays small). The ridge is
 * the candidate that explains most of the held-out clouds; the coefficients returned are then fitted on all clouds.
 */
export async function fitRidge(
  training: readonly RidgeRow[],
  heldOut: readonly RidgeRow[],
  { penalties, ridges, floor = 0 }: RidgeChoice,
  solver: CholeskySolver,
): Promise<RidgeFit> {
  const part = normalEquations(training)
  let ridge = ridges[0]
  let best = Number.NEGATIVE_INFINITY
  if (heldOut.length > 0)
    for (const candidate of ridges) {
      const explained = explainedShare(await solve(part, candidate, penalties, solver, floor), heldOut)
      if (explained > best) {
        best = explained
        ridge = candidate
      }
    }
  const everything = heldOut.length > 0 ? normalEquations(heldOut, part) : part
  const coefficients = await solve(everything, ridge, penalties, solver, floor)
  return {
    coefficients,
    ridge,
    train: explainedShare(coefficients, [...training, ...heldOut]),
    heldOut: heldOut.length > 0 ? best : Number.NaN,
  }
}

interface NormalEquations {
  readonly unknowns: number
  /** `[unknowns, unknowns]`, lower triangle */
  readonly matrix: Float64Array
  readonly right: Float64Array
}

/** Sums the clouds' normal equations, onto those of `start` where given (which are overwritten). */
function normalEquations(rows: readonly RidgeRow[], start?: NormalEquations): NormalEquations {
  const terms = rows[0].terms.length
  const features = featuresOf(rows[0].moments)
  const unknowns = terms * features
  const matrix = start?.matrix ?? new Float64Array(unknowns * unknowns)
  const right = start?.right ?? new Float64Array(unknowns)
  const last = (features * (features + 1)) / 2
  const sum = new Float64Array(last)
  for (let s = 0; s < terms; s++)
    for (let t = 0; t <= s; t++) {
      sum.fill(0)
      for (const row of rows) {
        const weight = row.terms[s] * row.terms[t]
        const { packed } = row.moments
        for (let at = 0; at < last; at++) sum[at] += weight * packed[at]
      }
      for (let i = 0, at = 0; i < features; i++)
        for (let j = 0; j <= i; j++, at++) {
          matrix[(s * features + i) * unknowns + t * features + j] += sum[at]
          if (i !== j) matrix[(s * features + j) * unknowns + t * features + i] += sum[at]
        }
    }
  for (const { terms: values, moments } of rows)
    for (let s = 0; s < terms; s++)
      for (let i = 0; i < features; i++) right[s * features + i] += values[s] * moments.packed[last + i]
  return { unknowns, matrix, right }
}

async function solve(
  { unknowns, matrix, right }: NormalEquations,
  ridge: number,
  penalties: readonly number[],
  solver: CholeskySolver,
  floor: number,
): Promise<Float64Array> {
  const penalised = matrix.slice()
  const features = unknowns / penalties.length
  let mean = 0
  for (let k = 0; k < features; k++) mean += matrix[k * unknowns + k] / features
  for (let i = 0; i < unknowns; i++) {
    const feature = i % features
    const penalty = ridge * penalties[Math.floor(i / features)] * (matrix[feature * unknowns + feature] + floor * mean)
    penalised[i * unknowns + i] += penalty + 1e-8
  }
  return solver.solve(penalised, right)
}

/** Share of the noise's variance that coefficients `[terms, features]` explain on clouds: `1 - |e - F c|^2 / |e|^2`. */
export function explainedShare(coefficients: Float64Array, rows: readonly RidgeRow[]): number {
  let gained = 0
  let total = 0
  for (const { terms, moments } of rows) {
    const c = contract(coefficients, terms)
    const { packed } = moments
    const features = c.length
    let at = 0
    for (let i = 0; i < features; i++) {
      let product = 0
      for (let j = 0; j < i; j++) product += packed[at++] * c[j]
      gained -= c[i] * (2 * product + packed[at++] * c[i])
    }
    for (let i = 0; i < features; i++) gained += 2 * packed[at++] * c[i]
    total += packed[at]
  }
  return gained / total
}

/** Coefficients `[features]` at one theta from those of all terms. */
export function contract(coefficients: Float64Array, terms: Float64Array): Float64Array {
  const features = coefficients.length / terms.length
  const out = new Float64Array(features)
  for (let t = 0; t < terms.length; t++)
    for (let k = 0; k < features; k++) out[k] += terms[t] * coefficients[t * features + k]
  return out
}

function featuresOf({ packed }: CloudMoments): number {
  return Math.round((Math.sqrt(8 * packed.length + 1) - 1) / 2) - 1
}
