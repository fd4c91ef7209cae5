import type { Box, State } from '../../core/index.js'
import type { DenoiserPullback } from './denoiserPullback.js'
import { alongFlow, type SigmaEnds, type Tolerance } from './flowOde.js'
import { flowTolerance, gaussianLogProb } from './likelihood.js'
import { uniformLogProb } from './torus.js'

/** The density at the largest sigma, the same for all theta, and its gradient. */
export interface FlowBase {
  /** `[batch]` nats a cloud */
  logProb(x: State): Float64Array
  /** d log prob / dx, an entry for each of x */
  score(x: State): Float64Array
}

/** N(0, sd^2) in every entry: the base of a variance-exploding process, with sd^2 = sigma^2 + the data's variance. */
export function gaussianBase(sd: number): FlowBase {
  return { logProb: gaussianLogProb(sd), score: x => Float64Array.from(x.values, value => -value / sd ** 2) }
}

/** Uniform in a periodic box. */
export function uniformBase(box: Box): FlowBase {
  return { logProb: uniformLogProb(box), score: x => new Float64Array(x.values.length) }
}

export interface FlowGradientOptions {
  /** the density at the largest sigma */
  readonly base: FlowBase
  /** `[batch, probes, entries of a cloud]`: those that the value was found with, or all axes */
  readonly vectors: Float32Array
  /** what each probe counts in the trace: 1 / probes, or 1 for axes */
  readonly weight: number
  readonly parameters: number
  readonly tolerance?: Tolerance
  /** error that a step may make of the gradients: of theta's in nats a unit, of x's in nats a sigma */
  readonly nats?: number
}

export interface FlowGradient {
  /** `[batch, parameters]` d log p(x; sigma_min | theta) / dtheta */
  readonly gradient: Float64Array
  /** `[batch, entries of a cloud]` d log p / dx */
  readonly score: Float64Array
  readonly evaluations: number
}

/**
 * The gradient of `flowLogProb` and `hutchinsonLogProb` in theta and in x, by the adjoint of the flow (Chen et al.
 * 2018, arXiv 1806.07366, section 2 and appendix B): from the largest sigma down go the state, x' = x - D over log
 * sigma, what a change of it is worth, a' = -a + grad_x(a . D + tr J), and the sum of grad_theta(a . D + tr J). With
 * probes in the place of the trace it is the gradient of that estimate, exactly as noisy as the value.
 *
 * @param end where the flow took the clouds: `base` of the likelihood found
 */
export async function flowGradient(
  pullback: DenoiserPullback,
  end: State,
  ends: SigmaEnds,
  { base, vectors, weight, parameters, tolerance = flowTolerance, nats = 1e-3 }: FlowGradientOptions,
): Promise<FlowGradient> {
  const { companions, evaluations } = await alongFlow({
    start: end,
    span: [ends[1], ends[0]],
    tolerance,
    companions: [
      { start: base.score(end), allowed: sigma => nats / sigma },
      { start: new Float64Array(end.shape[0] * parameters), allowed: () => nats },
    ],
    slopes: async (x, sigma, [adjoint]) => {
      const { clean, byX, byTheta } = await pullback(x, sigma, { adjoint, vectors, weight })
      return { clean, companions: [byX.map((value, i) => value - adjoint[i]), byTheta] }
    },
  })
  return { gradient: companions[1], score: companions[0], evaluations }
}
