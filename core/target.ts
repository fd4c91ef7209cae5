/** The log-density of many points and its gradient at each, up to a constant. */
export interface DensityAndGradient {
  /** `[n]` nats; -Infinity where there is no density */
  readonly logDensity: Float64Array
  /** `[n, dim]` nats per unit of the coordinate */
  readonly gradient: Float64Array
}

/**
 * What samplers draw from: a density known up to a constant, evaluated at many points at once, so that one pass through
 * a compiled program serves all chains. It must not keep `rows`, which are `[n, dim]`, flat and row-major, of any n.
 */
export interface Target {
  readonly dim: number
  /** `[n]` nats; -Infinity where there is no density. A value that comes out as NaN counts as -Infinity. */
  logDensity(rows: Float64Array): Float64Array | Promise<Float64Array>
  /** Absent where no gradient is known: samplers that need one then refuse. */
  withGradient?(rows: Float64Array): DensityAndGradient | Promise<DensityAndGradient>
}
