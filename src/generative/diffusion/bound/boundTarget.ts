import type { ParameterPrior } from '../../../core/index.js'
import type { Target } from '../../posterior/target.js'
import type { ThetaBound } from './thetaBound.js'

/**
 * The posterior by the bound, over the standard normal coordinates z of the prior: bound(x | theta(z)) + log N(z), for any sampler. The noise of the
 * bound is fixed, so that gradient and value belong together.
 */
export function boundTarget(bound: ThetaBound, prior: ParameterPrior): Target {
  const dim = prior.names.length
  return {
    dim,
    logDensity: async rows => {
      const found = await bound.bounds(prior.toTheta(rows))
      return logNormal(rows, dim).map((log, row) => orNone(log + found[row].value[0]))
    },
    withGradient: async rows => {
      const { value, gradient } = await bound.withGradient(prior.toTheta(rows))
      return {
        logDensity: logNormal(rows, dim).map((log, row) => orNone(log + value[row])),
        gradient: throughPrior(prior, rows, gradient).map((slope, i) => slope - rows[i]),
      }
    },
  }
}

/**
 * d f / dz from d f / dtheta, `[rows, p]` both: by central differences of `toTheta`, which is smooth and cheap. In double precision they leave a
 * relative error near 1e-9.
 */
export function throughPrior(prior: ParameterPrior, z: Float64Array, gradient: Float64Array): Float64Array {
  const dim = prior.names.length
  const out = new Float64Array(z.length)
  const step = 1e-5
  for (let axis = 0; axis < dim; axis++) {
    const shifted = (by: number) => prior.toTheta(z.map((value, i) => (i % dim === axis ? value + by : value)))
    const [up, down] = [shifted(step), shifted(-step)]
    for (let row = 0; row < z.length / dim; row++)
      for (let i = 0; i < dim; i++) {
        const at = row * dim + i
        out[row * dim + axis] += (gradient[at] * (up[at] - down[at])) / (2 * step)
      }
  }
  return out
}

/** log N(z; 0, I) of each row. */
function logNormal(rows: Float64Array, dim: number): Float64Array {
  return Float64Array.from({ length: rows.length / dim }, (_, row) => {
    let square = 0
    for (let i = row * dim; i < (row + 1) * dim; i++) square += rows[i] ** 2
    return -square / 2 - (dim / 2) * Math.log(2 * Math.PI)
  })
}

function orNone(log: number): number {
  return Number.isNaN(log) ? Number.NEGATIVE_INFINITY : log
}
