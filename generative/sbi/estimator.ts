import type { Key, ParameterPrior } from '../../core/index.js'
import type { Target } from '../posterior/target.js'

/** Draws of theta given one observation. */
export interface EstimatedPosterior {
  /** `[n, p]` */
  readonly theta: Float64Array
  /** `[n]` nats: log q(theta | x), up to a constant where `normalised` is false */
  readonly logProb: Float64Array
  readonly normalised: boolean
  /** what the sampler tells, where one was needed: `rhat`, `ess`, `acceptance`, `log_evidence` */
  readonly diagnostics: Readonly<Record<string, number>>
}

/**
 * A trained method of simulation-based inference, whatever it has learned: posterior, likelihood, ratio, velocity or
 * score.
 */
export interface Estimator {
  readonly prior: ParameterPrior
  /** length of an observation */
  readonly observations: number
  /** @param x `[observations]` */
  draw(x: Float64Array, n: number, key: Key): Promise<EstimatedPosterior>
  /** log q(theta | x) of `theta`, `[n, p]`, as `draw` tells it; absent where the method has none. */
  logProb?(x: Float64Array, theta: Float64Array): Promise<Float64Array>
  /**
   * The posterior of the prior's normal coordinates as samplers take it, with gradient; where a likelihood or a ratio
   * was learned.
   */
  targetInZ?(x: Float64Array): Target
  close(): Promise<void>
}
