import type { ParameterPrior } from '../../core/index.js'
import type { DifferentiablePrior } from '../prior/prior.js'
import { logNormalPrior } from './normalCoordinates.js'
import type { Target } from './target.js'

/**
 * The posterior of theta over the standard normal coordinates z of its prior, where every sampler may go anywhere: log N(z) + log L(theta(z)), constants
 * kept, so that its integral is the evidence. Draws of it become draws of theta by `prior.toTheta`.
 *
 * With a gradient where the likelihood has one: through the map by the prior's own `pullBack`, and where it has none by central differences of `toTheta`,
 * 2 dim more rows of that map a point, and good to about nine digits.
 *
 * @param logLikelihood over theta, nats
 */
export function posteriorTarget(prior: ParameterPrior | DifferentiablePrior, logLikelihood: Target): Target {
  const dim = prior.names.length
  const add = (z: Float64Array, logs: Float64Array) => logs.map((log, row) => log + logNormalPrior(z, dim, row))
  const pullBack = 'pullBack' in prior ? prior.pullBack.bind(prior) : differencesOf(prior, dim)
  const withGradient = logLikelihood.withGradient?.bind(logLikelihood)
  return {
    dim,
    logDensity: z => {
      const answer = logLikelihood.logDensity(prior.toTheta(z))
      return answer instanceof Promise ? answer.then(logs => add(z, logs)) : add(z, answer)
    },
    ...(withGradient && {
      withGradient: z => {
        const through = ({ logDensity, gradient }: { logDensity: Float64Array; gradient: Float64Array }) => ({
          logDensity: add(z, logDensity),
          gradient: pullBack(z, gradient).map((slope, i) => slope - z[i]),
        })
        const answer = withGradient(prior.toTheta(z))
        return answer instanceof Promise ? answer.then(through) : through(answer)
      },
    }),
  }
}

/** J^T gradient by central differences of theta(z). */
function differencesOf(prior: ParameterPrior, dim: number) {
  return (z: Float64Array, gradient: Float64Array): Float64Array => {
    const out = new Float64Array(z.length)
    for (let i = 0; i < dim; i++) {
      const [up, down] = [Float64Array.from(z), Float64Array.from(z)]
      // the cube root of the rounding error, in units where z is about 1
      const step = 6e-6
      for (let at = i; at < z.length; at += dim) {
        up[at] += step
        down[at] -= step
      }
      const [plus, minus] = [prior.toTheta(up), prior.toTheta(down)]
      for (let at = 0; at < z.length; at++) out[at - (at % dim) + i] += ((plus[at] - minus[at]) / (2 * step)) * gradient[at]
    }
    return out
  }
}
