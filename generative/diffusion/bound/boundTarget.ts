import { posteriorTarget } from '../../posterior/posteriorTarget.js'
import type { Target } from '../../posterior/target.js'
import type { DifferentiablePrior } from '../../prior/prior.js'
import type { ThetaBound } from './thetaBound.js'

/**
 * A term of log p known in closed form, nats, at one theta; its derivatives are written to `gradient` where that is
 * given.
 */
export type KnownTerm = (theta: Float64Array, gradient?: Float64Array) => number

/**
 * The posterior by the bound, over the standard normal coordinates z of the prior: bound(x | theta(z)) + log N(z), for
 * every sampler. The noise of the bound is fixed, so that gradient and value belong together.
 *
 * @param more what the bound leaves out: of point clouds, log p of their number
 */
export function boundTarget(bound: ThetaBound, prior: DifferentiablePrior, more?: KnownTerm): Target {
  const dim = prior.names.length
  /** NaN counts as likelihood zero. */
  const nanAsZero = (log: number) => (Number.isNaN(log) ? Number.NEGATIVE_INFINITY : log)
  const rowOf = (rows: Float64Array, row: number) => rows.subarray(row * dim, (row + 1) * dim)
  return posteriorTarget(prior, {
    dim,
    logDensity: async theta => {
      const found = await bound.bounds(theta)
      return Float64Array.from(found, ({ value }, row) => nanAsZero(value[0] + (more?.(rowOf(theta, row)) ?? 0)))
    },
    withGradient: async theta => {
      const { value, gradient } = await bound.withGradient(theta)
      const slope = new Float64Array(dim)
      const logDensity = value.map((log, row) => {
        const known = more?.(rowOf(theta, row), slope) ?? 0
        for (let i = 0; i < dim; i++) gradient[row * dim + i] += slope[i]
        return nanAsZero(log + known)
      })
      return { logDensity, gradient }
    },
  })
}
