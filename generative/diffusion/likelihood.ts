import type { Denoiser, State } from '../../core/index.js'
import { dormandPrince } from './dormandPrince.js'
import { largestShare, type Tolerance } from './samplers/probabilityFlow.js'
import { evaluate, stateOf } from './state.js'

/** tr dD/dx of each cloud of the batch, `[batch]`. */
export type DenoiserTrace = (x: State, sigma: number) => Promise<Float64Array>

export interface FlowLikelihood {
  /** `[batch]`, nats a cloud: log density at sigmas[0] of the states given */
  readonly logProb: Float64Array
  /** where the flow took them at the largest sigma */
  readonly base: State
  readonly evaluations: number
}

/**
 * log p(x; sigma_min) by the change of variables along the probability-flow ODE, Song et al. 2021, arXiv 2011.13456,
 * equation 39: log p_min(x) = log p_max(x_max) + integral of div over s = log sigma, div = entries - tr dD/dx.
 *
 * @param x         states whose density is asked, `[batch, points, channels]`
 * @param ends      smallest and largest sigma; the density found is that of the data blurred by the smallest
 * @param base      log density at the largest sigma, `[batch]`: `gaussianLogProb`, or `uniformLogProb` on a torus
 * @param trace     exact where known; `tracedByDifferences` and `exactTrace` serve a few entries, `hutchinsonLogProb`
 *   many
 */
export async function flowLogProb(
  denoise: Denoiser,
  x: State,
  ends: readonly [smallest: number, largest: number],
  base: (x: State) => Float64Array,
  trace: DenoiserTrace = tracedByDifferences(denoise),
  tolerance: Tolerance = flowTolerance,
): Promise<FlowLikelihood> {
  const traced: TracedDenoiser = async (state, sigma) => ({
    clean: await evaluate(denoise, state, sigma),
    traces: await trace(state, sigma),
  })
  return tracedLogProb(traced, x, ends, base, tolerance)
}

/** What a step of the flow may be wrong by where nothing else is asked. */
export const flowTolerance: Tolerance = { absolute: 1e-4, relative: 1e-4 }

/** `flowLogProb` of a denoiser that finds the exact trace along with D. */
export async function tracedLogProb(
  traced: TracedDenoiser,
  x: State,
  ends: readonly [smallest: number, largest: number],
  base: (x: State) => Float64Array,
  tolerance: Tolerance = flowTolerance,
): Promise<FlowLikelihood> {
  const { end, volumes, evaluations } = await flowVolumes(traced, x, ends, 1, tolerance, tolerance.absolute)
  return { logProb: base(end).map((log, cloud) => log + volumes[cloud]), base: end, evaluations }
}

/** The denoised state, and the trace of its Jacobian by each of several estimates, `[batch, estimates]`. */
export type TracedDenoiser = (x: State, sigma: number) => Promise<{ clean: State; traces: Float64Array }>

/**
 * The flow from the smallest to the largest sigma, and the integral of its divergence by each estimate of the trace:
 * all estimates along one path.
 *
 * @param nats error that a step may make of the integrals, root mean square over estimates
 */
export async function flowVolumes(
  traced: TracedDenoiser,
  x: State,
  ends: readonly [smallest: number, largest: number],
  estimates: number,
  tolerance: Tolerance,
  nats: number,
): Promise<{ end: State; volumes: Float64Array; evaluations: number }> {
  const batch = x.shape[0]
  const size = x.values.length
  const start = new Float64Array(size + batch * estimates)
  start.set(x.values)
  const { y, evaluations } = await dormandPrince(
    async (both, s) => {
      const { clean, traces } = await traced(stateOf(x.shape, Float32Array.from(both.subarray(0, size))), Math.exp(s))
      const slope = new Float64Array(both.length)
      for (let i = 0; i < size; i++) slope[i] = both[i] - clean.values[i]
      for (let i = 0; i < traces.length; i++) slope[size + i] = size / batch - traces[i]
      return slope
    },
    start,
    [Math.log(ends[0]), Math.log(ends[1])],
    {
      errorOf: (error, s) =>
        Math.max(
          largestShare(error.subarray(0, size), batch, tolerance, Math.exp(s)),
          largestShare(error.subarray(size), batch, { absolute: nats, relative: 0 }, 1),
        ),
    },
  )
  return { end: stateOf(x.shape, Float32Array.from(y.subarray(0, size))), volumes: y.slice(size), evaluations }
}

/**
 * tr dD/dx by central differences, one pair of evaluations an entry of a cloud: exact but for a relative error near
 * 1e-3, what float32 and a step of sigma / 50 leave. For few entries; the evaluations are not counted by `flowLogProb`.
 */
export function tracedByDifferences(denoise: Denoiser, step = 0.02): DenoiserTrace {
  return async (x, sigma) => {
    const batch = x.shape[0]
    const each = x.values.length / batch
    const traces = new Float64Array(batch)
    for (let entry = 0; entry < each; entry++) {
      const up = Float32Array.from(x.values)
      const down = Float32Array.from(x.values)
      for (let i = entry; i < up.length; i += each) {
        up[i] += step * sigma
        down[i] -= step * sigma
      }
      const above = await evaluate(denoise, { shape: x.shape, values: up }, sigma)
      const below = await evaluate(denoise, { shape: x.shape, values: down }, sigma)
      for (let cloud = 0; cloud < batch; cloud++) {
        const i = cloud * each + entry
        traces[cloud] += (above.values[i] - below.values[i]) / (up[i] - down[i])
      }
    }
    return traces
  }
}

/**
 * log N(x; 0, sd^2) of each cloud: the base of a variance-exploding process, with sd^2 = sigma^2 + the data's variance.
 */
export function gaussianLogProb(sd: number): (x: State) => Float64Array {
  return x => {
    const each = x.values.length / x.shape[0]
    return Float64Array.from({ length: x.shape[0] }, (_, cloud) => {
      let square = 0
      for (let i = cloud * each; i < (cloud + 1) * each; i++) square += x.values[i] ** 2
      return -square / (2 * sd ** 2) - each * (Math.log(sd) + Math.log(2 * Math.PI) / 2)
    })
  }
}
