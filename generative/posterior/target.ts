import type { DensityAndGradient, Target } from '../../core/index.js'
import type { LogDensity } from './chains.js'

/** The logarithm of a density at `x`, `[dim]`, its gradient written to `gradient`; -Infinity where there is none. */
export type LogDensityWithGradient = (x: Float64Array, gradient: Float64Array) => number

export type { DensityAndGradient, Target }

/**
 * A target from functions of one point.
 *
 *     const target = pointwiseTarget(1, x => -x[0] ** 2 / 2, (x, gradient) => {
 *       gradient[0] = -x[0]
 *       return -x[0] ** 2 / 2
 *     })
 *     await target.logDensity(Float64Array.of(0, 2))   // [0, -2]
 */
export function pointwiseTarget(dim: number, logDensity: LogDensity, withGradient?: LogDensityWithGradient): Target {
  // a view of a row costs much beside a density of a few numbers, so one buffer serves all rows
  const point = new Float64Array(dim)
  const slope = new Float64Array(dim)
  const move = (from: Float64Array, at: number, to: Float64Array, put: number): void => {
    for (let i = 0; i < dim; i++) to[put + i] = from[at + i]
  }
  return {
    dim,
    logDensity: rows => {
      const logs = new Float64Array(rows.length / dim)
      for (let row = 0; row < logs.length; row++) {
        move(rows, row * dim, point, 0)
        logs[row] = logDensity(point)
      }
      return logs
    },
    ...(withGradient && {
      withGradient: rows => {
        const logs = new Float64Array(rows.length / dim)
        const gradient = new Float64Array(rows.length)
        for (let row = 0; row < logs.length; row++) {
          move(rows, row * dim, point, 0)
          slope.fill(0)
          logs[row] = withGradient(point, slope)
          move(slope, 0, gradient, row * dim)
        }
        return { logDensity: logs, gradient }
      },
    }),
  }
}
