import type { Box, State } from '../../core/index.js'
import type { DenoiserPullback } from './denoiserPullback.js'
import { dormandPrince } from './dormandPrince.js'
import { flowTolerance, gaussianLogProb } from './likelihood.js'
import { largestShare, type Tolerance } from './samplers/probabilityFlow.js'
import { stateOf } from './state.js'
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
 * @param end  where the flow took the clouds: `base` of the likelihood found
 * @param base its density there
 */
export async function flowGradient(
  pullback: DenoiserPullback,
  end: State,
  ends: readonly [smallest: number, largest: number],
  base: FlowBase,
  { vectors, weight, parameters, tolerance = flowTolerance, nats = 1e-3 }: FlowGradientOptions,
): Promise<FlowGradient> {
  const [batch] = end.shape
  const size = end.values.length
  const start = new Float64Array(2 * size + batch * parameters)
  start.set(end.values)
  start.set(base.score(end), size)
  const { y, evaluations } = await dormandPrince(
    async (all, s) => {
      const state = stateOf(end.shape, Float32Array.from(all.subarray(0, size)))
      const adjoint = all.slice(size, 2 * size)
      const { clean, byX, byTheta } = await pullback(state, Math.exp(s), adjoint, vectors, weight)
      const slope = new Float64Array(all.length)
      for (let i = 0; i < size; i++) {
        slope[i] = all[i] - clean.values[i]
        slope[size + i] = byX[i] - adjoint[i]
      }
      slope.set(byTheta, 2 * size)
      return slope
    },
    start,
    [Math.log(ends[1]), Math.log(ends[0])],
    {
      errorOf: (error, s) => {
        const sigma = Math.exp(s)
        return Math.max(
          largestShare(error.subarray(0, size), batch, tolerance, sigma),
          largestShare(error.subarray(size, 2 * size), batch, { absolute: nats / sigma, relative: 0 }, 1),
          largestShare(error.subarray(2 * size), batch, { absolute: nats, relative: 0 }, 1),
        )
      },
    },
  )
  return { gradient: y.slice(2 * size), score: y.slice(size, 2 * size), evaluations }
}
