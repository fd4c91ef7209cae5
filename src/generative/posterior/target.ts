import type { LogDensity } from './chains.js'
import type { LogDensityWithGradient } from './hmc.js'

/** The log-density of many points and its gradient at each, up to a constant. */
export interface DensityAndGradient {
  /** `[n]` nats; -Infinity where there is no density */
  readonly logDensity: Float64Array
  /** `[n, dim]` */
  readonly gradient: Float64Array
}

/**
 * What samplers draw from: a density known up to a constant, asked at many points at once, so that one pass through a compiled step serves all chains.
 * It must not keep `rows`, `[n, dim]`. Any n.
 */
export interface Target {
  readonly dim: number
  /** `[n]` nats; -Infinity where there is no density, as is what comes out as NaN */
  logDensity(rows: Float64Array): Float64Array | Promise<Float64Array>
  /** Absent where no gradient is known: then samplers that need one refuse. */
  withGradient?(rows: Float64Array): DensityAndGradient | Promise<DensityAndGradient>
}

/** A target from functions of one point. */
export function pointwiseTarget(dim: number, logDensity: LogDensity, withGradient?: LogDensityWithGradient): Target {
  const rowsOf = (rows: Float64Array) => rows.length / dim
  const point = (rows: Float64Array, row: number) => rows.subarray(row * dim, (row + 1) * dim)
  return {
    dim,
    logDensity: rows => Float64Array.from({ length: rowsOf(rows) }, (_, row) => logDensity(point(rows, row))),
    ...(withGradient && {
      withGradient: rows => {
        const gradient = new Float64Array(rows.length)
        const logs = Float64Array.from({ length: rowsOf(rows) }, (_, row) =>
          withGradient(point(rows, row), point(gradient, row)),
        )
        return { logDensity: logs, gradient }
      },
    }),
  }
}
