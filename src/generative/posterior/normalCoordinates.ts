import type { ParameterPrior } from '../../core/index.js'
import type { Target } from './target.js'

/** A likelihood of theta as one of the standard normal coordinates z of its prior, where nested sampling and tempering work. */
export function inNormalCoordinates(likelihood: Target, prior: ParameterPrior): Target {
  return { dim: likelihood.dim, logDensity: z => likelihood.logDensity(prior.toTheta(z)) }
}

/** The density N(z; 0, I) times the likelihood of z: the posterior, not normalised. Its integral is the evidence. */
export function withStandardNormalPrior(likelihood: Target): Target {
  const { dim } = likelihood
  const add = (rows: Float64Array, logs: Float64Array) => logs.map((log, row) => log + logNormalPrior(rows, dim, row))
  const own = likelihood.withGradient?.bind(likelihood)
  return {
    dim,
    logDensity: async rows => add(rows, await likelihood.logDensity(rows)),
    ...(own && {
      withGradient: async rows => {
        const { logDensity, gradient } = await own(rows)
        return { logDensity: add(rows, logDensity), gradient: gradient.map((g, i) => g - rows[i]) }
      },
    }),
  }
}

/** log N(z; 0, I) of one row, nats */
export function logNormalPrior(rows: Float64Array, dim: number, row: number): number {
  let sum = 0
  for (let i = row * dim; i < (row + 1) * dim; i++) sum += rows[i] * rows[i]
  return -(sum + dim * Math.log(2 * Math.PI)) / 2
}
