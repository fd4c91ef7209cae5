import type { Denoiser, State } from '../../core/index.js'
import { dormandPrince } from './dormandPrince.js'
import { flowSlope, largestShare, type Tolerance } from './samplers/probabilityFlow.js'
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
 * @param trace     exact where known; `tracedByDifferences` serves a few entries
 */
export async function flowLogProb(
  denoise: Denoiser,
  x: State,
  ends: readonly [smallest: number, largest: number],
  base: (x: State) => Float64Array,
  trace: DenoiserTrace = tracedByDifferences(denoise),
  tolerance: Tolerance = { absolute: 1e-4, relative: 1e-4 },
): Promise<FlowLikelihood> {
  const batch = x.shape[0]
  const size = x.values.length
  const start = new Float64Array(size + batch)
  start.set(x.values)
  let evaluations = 0
  const counted: Denoiser = (at, sigma) => {
    evaluations++
    return denoise(at, sigma)
  }
  const { y } = await dormandPrince(
    async (both, s) => {
      const at = stateOf(x.shape, Float32Array.from(both.subarray(0, size)))
      const sigma = Math.exp(s)
      const slope = new Float64Array(size + batch)
      slope.set(await flowSlope(counted, at, both.subarray(0, size), sigma))
      const traces = await trace(at, sigma)
      for (let cloud = 0; cloud < batch; cloud++) slope[size + cloud] = size / batch - traces[cloud]
      return slope
    },
    start,
    [Math.log(ends[0]), Math.log(ends[1])],
    {
      errorOf: (error, s) =>
        Math.max(
          largestShare(error.subarray(0, size), batch, tolerance, Math.exp(s)),
          largestShare(error.subarray(size), batch, { absolute: tolerance.absolute, relative: 0 }, 1),
        ),
    },
  )
  const end = stateOf(x.shape, Float32Array.from(y.subarray(0, size)))
  const logProb = base(end).map((log, cloud) => log + y[size + cloud])
  return { logProb, base: end, evaluations }
}

/**
 * tr dD/dx by central differences, one pair of evaluations an entry of a cloud: exact but for a relative error near 1e-3,
 * what float32 and a step of sigma / 50 leave. For few entries; the evaluations are not counted by `flowLogProb`.
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

/** log N(x; 0, sd^2) of each cloud: the base of a variance-exploding process, with sd^2 = sigma^2 + the data's variance. */
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
