import type { ParameterPrior } from '../../core/index.js'
import type { DifferentiablePrior } from '../prior/prior.js'
import { inNormalCoordinates, withStandardNormalPrior } from './normalCoordinates.js'
import type { Target } from './target.js'

/**
 * The posterior of theta over the standard normal coordinates z of its prior, where every sampler may go anywhere: log
 * N(z) + log L(theta(z)), constants kept, so that its integral is the evidence; with a gradient where the likelihood
 * has one. Draws of it become draws of theta by `prior.toTheta`.
 *
 *     const prior = productPrior({ rate: { lognormal: [0, 1] } })
 *     const target = posteriorTarget(prior, pointwiseTarget(1, ([rate]) => 3 * Math.log(rate) - rate))
 *     const { draws } = await sampleEnsemble(target, { key: makeKey(0) })
 *     const theta = prior.toTheta(draws)
 *
 * @param logLikelihood over theta, nats
 */
export function posteriorTarget(prior: ParameterPrior | DifferentiablePrior, logLikelihood: Target): Target {
  return withStandardNormalPrior(inNormalCoordinates(logLikelihood, prior))
}
