/** The logarithm of a density up to a constant at `x`, `[dim]`; -Infinity where there is none. It must not keep `x`. */
export type LogDensity = (x: Float64Array) => number

/** What every sampler leaves: several chains side by side, warm-up gone and thinned. */
export interface Chains {
  readonly dim: number
  readonly chains: number
  /** draws kept in each chain */
  readonly length: number
  /** `[length, chains, dim]` */
  readonly draws: Float64Array
  /** `[length, chains]` */
  readonly logDensity: Float64Array
  /** share of proposals taken after warm-up; of trajectories the mean acceptance of their points */
  readonly acceptance: number
  /** points at which the density was asked, warm-up included */
  readonly evaluations: number
  /** of samplers that follow a gradient */
  readonly trajectories?: Trajectories
}

/** What trajectories say about their target, by the draws that they led to. */
export interface Trajectories {
  /**
   * `[length, chains]` 1 where the leapfrog steps lost the energy by more than 1,000: the density is too curved there
   * for the step size
   */
  readonly divergent: Uint8Array
  /** `[length, chains]` potential and kinetic energy of the draw */
  readonly energy: Float64Array
  /** `[length, chains]` leapfrog steps */
  readonly steps: Int32Array
  /** `[length, chains]` 1 where the trajectory still went on at its greatest length; of NUTS alone */
  readonly cut?: Uint8Array
  /** `[chains]` settled by warm-up */
  readonly stepSize: Float64Array
}

/** Coordinate `index` of every chain, `[length]` each: what the diagnostics take. */
export function seriesOf({ dim, chains, length, draws }: Chains, index: number): Float64Array[] {
  return Array.from({ length: chains }, (_, chain) =>
    Float64Array.from({ length }, (_, step) => draws[(step * chains + chain) * dim + index]),
  )
}

/** A function of a draw along every chain, `[length]` each. */
export function seriesOfFunction(
  { dim, chains, length, draws }: Chains,
  of: (draw: Float64Array) => number,
): Float64Array[] {
  return Array.from({ length: chains }, (_, chain) =>
    Float64Array.from({ length }, (_, step) => {
      const at = (step * chains + chain) * dim
      return of(draws.subarray(at, at + dim))
    }),
  )
}
