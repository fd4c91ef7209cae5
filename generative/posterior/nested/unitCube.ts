import type { ParameterPrior } from '../../../core/index.js'
import { normalInverseCdf } from '../standardNormal.js'

/**
 * From the unit cube to the space of the likelihood: what is uniform in the cube becomes the prior. `[dim]` to `[dim]`,
 * without keeping `u`.
 */
export type FromCube = (u: Float64Array) => Float64Array

/** The prior N(0, I) of `ParameterPrior`. */
export const standardNormalPrior: FromCube = u => u.map(normalInverseCdf)

/** Any prior that is the image of a standard normal, for likelihoods of theta. */
export function cubeOf(prior: ParameterPrior): FromCube {
  return u => prior.toTheta(standardNormalPrior(u))
}

/** The prior N(mean, scale^2 I), for targets that are not in standard normal coordinates. */
export function normalPrior(mean: number, scale: number): FromCube {
  return u => u.map(x => mean + scale * normalInverseCdf(x))
}

/** Uniform in a box. */
export function uniformPrior(low: readonly number[], high: readonly number[]): FromCube {
  return u => u.map((x, i) => low[i] + (high[i] - low[i]) * x)
}
