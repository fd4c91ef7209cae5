/** The logarithm of a density up to a constant at `x`, `[dim]`; -Infinity where there is none. It must not keep `x`. */
export type LogDensity = (x: Float64Array) => number

/** Several chains side by side, burn-in gone and thinned. */
export interface Chains {
  readonly dim: number
  readonly chains: number
  /** draws kept in each chain */
  readonly length: number
  /** `[length, chains, dim]` */
  readonly draws: Float64Array
  /** `[length, chains]` */
  readonly logDensity: Float64Array
  /** share of proposals taken after burn-in */
  readonly acceptance: number
}

/** Coordinate `index` of every chain, `[length]` each: what the diagnostics take. */
export function seriesOf({ dim, chains, length, draws }: Chains, index: number): Float64Array[] {
  return Array.from({ length: chains }, (_, chain) =>
    Float64Array.from({ length }, (_, step) => draws[(step * chains + chain) * dim + index]),
  )
}
