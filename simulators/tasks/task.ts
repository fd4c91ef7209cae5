import type { Key } from '../../core/index.js'
import type { DifferentiablePrior } from '../../generative/prior/index.js'

/**
 * A standard problem of simulation-based inference: a prior and a simulator, from which one is to learn p(theta | x).
 * All arrays are rows, flat and row-major.
 */
export interface Task {
  readonly name: string
  readonly prior: DifferentiablePrior
  /** `[d]` */
  readonly dataNames: readonly string[]
  /**
   * x of each row of theta, `[n, d]`; a row of NaN where the simulation failed. The same key and the same rows give the
   * same x.
   */
  simulate(theta: Float64Array, key: Key): Float64Array
  /**
   * log p(x | theta) of one x, `[d]`, at each row of theta: `[n]` nats, up to a constant in theta. Absent where it is
   * not known.
   */
  logLikelihood?(theta: Float64Array, x: Float64Array): Float64Array
}

export function numbered(stem: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${stem}_${i + 1}`)
}

/** Calls `each` with every row of theta. */
export function mapRows(theta: Float64Array, p: number, each: (row: Float64Array) => number): Float64Array {
  return Float64Array.from({ length: theta.length / p }, (_, i) => each(theta.subarray(i * p, (i + 1) * p)))
}
