import type { Key } from '../../core/index.js'
import { pointwiseTarget, posteriorTarget, type Target } from '../../generative/posterior/index.js'
import type { DifferentiablePrior } from '../../generative/prior/index.js'

/** `[parameters]` */
export type Theta = Float64Array | readonly number[]

/** A simulator whose likelihood is known. */
export interface KnownField {
  /** names of theta */
  readonly parameters: readonly string[]
  /** where each parameter is meaningful, for a uniform prior */
  readonly ranges: readonly (readonly [low: number, high: number])[]
  /** A draw of x ~ p(x | theta), flat. */
  simulate(theta: Theta, key: Key): Float32Array
  /** log p(x | theta) in nats as a function of theta; what depends on x alone is computed once. */
  likelihood(x: Float32Array): Likelihood
}

/**
 * log p(x | theta); its derivatives are written to `gradient`, `[parameters]`, where that is given. -Infinity outside
 * the parameters' domain.
 */
export type Likelihood = (theta: Theta, gradient?: Float64Array) => number

/** The likelihood of x as samplers take it, over theta. */
export function fieldLikelihoodTarget(field: KnownField, x: Float32Array): Target {
  return pointwiseTarget(field.parameters.length, field.likelihood(x), field.likelihood(x))
}

/** The exact posterior of theta behind x, over the standard normal coordinates of the prior, for every sampler. */
export function exactTarget(field: KnownField, x: Float32Array, prior: DifferentiablePrior): Target {
  return posteriorTarget(prior, fieldLikelihoodTarget(field, x))
}
