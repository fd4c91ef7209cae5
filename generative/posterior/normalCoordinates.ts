import type { ParameterPrior } from '../../core/index.js'
import type { DifferentiablePrior } from '../prior/prior.js'
import { logNormalRows } from './standardNormal.js'
import type { DensityAndGradient, Target } from './target.js'

/**
 * A likelihood of theta as one of the standard normal coordinates z of its prior, where nested sampling and tempering
 * work.
 *
 * With a gradient where the likelihood has one: through the map by the prior's own `pullBack`, and where it has none by
 * central differences of `toTheta`, 2 dim more rows of that map a point, and good to about nine digits.
 */
export function inNormalCoordinates(likelihood: Target, prior: ParameterPrior | DifferentiablePrior): Target {
  const { dim } = likelihood
  const pullBack = 'pullBack' in prior ? prior.pullBack.bind(prior) : differencesOf(prior, dim)
  const withGradient = likelihood.withGradient?.bind(likelihood)
  return {
    dim,
    logDensity: z => likelihood.logDensity(prior.toTheta(z)),
    ...(withGradient && {
      withGradient: z =>
        then(withGradient(prior.toTheta(z)), ({ logDensity, gradient }) => ({
          logDensity,
          gradient: pullBack(z, gradient),
        })),
    }),
  }
}

/**
 * The density N(z; 0, I) times a likelihood of z: the posterior, constants kept, so that its integral is the evidence.
 */
export function withStandardNormalPrior(likelihood: Target): Target {
  const { dim } = likelihood
  const withGradient = likelihood.withGradient?.bind(likelihood)
  const add = (z: Float64Array, logs: Float64Array) => {
    const normal = logNormalRows(z, dim)
    return logs.map((log, row) => log + normal[row])
  }
  return {
    dim,
    logDensity: z => then(likelihood.logDensity(z), logs => add(z, logs)),
    ...(withGradient && {
      withGradient: z =>
        then(
          withGradient(z),
          ({ logDensity, gradient }): DensityAndGradient => ({
            logDensity: add(z, logDensity),
            gradient: gradient.map((slope, i) => slope - z[i]),
          }),
        ),
    }),
  }
}

/**
 * What follows an answer, at once where the answer is no promise: a promise for every step would cost more than a
 * density of a few numbers.
 */
function then<A, B>(answer: A | Promise<A>, next: (answer: A) => B): B | Promise<B> {
  return answer instanceof Promise ? answer.then(next) : next(answer)
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
      for (let at = 0; at < z.length; at++)
        out[at - (at % dim) + i] += ((plus[at] - minus[at]) / (2 * step)) * gradient[at]
    }
    return out
  }
}
