import type { Denoiser, State } from '../../core/index.js'
import { alongFlow, type SigmaEnds, type Tolerance } from './flowOde.js'
import { evaluate } from './state.js'

/** Log density of each cloud of a batch, `[batch]`, nats. */
export type CloudLogProb = (x: State) => Float64Array

/** tr dD/dx of each cloud of the batch, `[batch]`. */
export type DenoiserTrace = (x: State, sigma: number) => Promise<Float64Array>

export interface FlowLikelihood {
  /** `[batch]`, nats a cloud: log density of the states at the smallest sigma */
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
 * @param options.base  log density at the largest sigma, `[batch]`: `gaussianLogProb`, or `uniformLogProb` on a torus
 * @param options.trace exact where known; `tracedByDifferences` and `exactTrace` serve a few entries,
 *   `hutchinsonLogProb` many
 */
export async function flowLogProb(
  denoise: Denoiser,
  x: State,
  ends: SigmaEnds,
  options: { readonly base: CloudLogProb; readonly trace?: DenoiserTrace; readonly tolerance?: Tolerance },
): Promise<FlowLikelihood> {
  const { base, trace = tracedByDifferences(denoise), tolerance = flowTolerance } = options
  const traced: TracedDenoiser = async (state, sigma) => ({
    clean: await evaluate(denoise, state, sigma),
    traces: await trace(state, sigma),
  })
  return tracedLogProb(traced, x, ends, { base, tolerance })
}

/** The default error of a step of the flow. */
export const flowTolerance: Tolerance = { absolute: 1e-4, relative: 1e-4 }

export interface TracedOptions {
  /** log density at the largest sigma */
  readonly base: CloudLogProb
  readonly tolerance?: Tolerance
}

/** `flowLogProb` of a denoiser that finds the exact trace along with D. */
export async function tracedLogProb(
  traced: TracedDenoiser,
  x: State,
  ends: SigmaEnds,
  { base, tolerance = flowTolerance }: TracedOptions,
): Promise<FlowLikelihood> {
  const options = { estimates: 1, tolerance, nats: tolerance.absolute }
  const { end, volumes, evaluations } = await flowVolumes(traced, x, ends, options)
  return { logProb: base(end).map((log, cloud) => log + volumes[cloud]), base: end, evaluations }
}

/** The denoised state, and the trace of its Jacobian by each of several estimates, `[batch, estimates]`. */
export type TracedDenoiser = (x: State, sigma: number) => Promise<{ clean: State; traces: Float64Array }>

export interface VolumeOptions {
  /** of the trace, for each cloud */
  readonly estimates: number
  readonly tolerance: Tolerance
  /** error that a step may make of the integrals, root mean square over estimates */
  readonly nats: number
}

/**
 * The flow from the smallest to the largest sigma, and the integral of its divergence by each estimate of the trace:
 * all estimates along one path.
 */
export async function flowVolumes(
  traced: TracedDenoiser,
  x: State,
  ends: SigmaEnds,
  { estimates, tolerance, nats }: VolumeOptions,
): Promise<{ end: State; volumes: Float64Array; evaluations: number }> {
  const [batch, points, channels] = x.shape
  const entries = points * channels
  const { state, companions, evaluations } = await alongFlow({
    start: x,
    span: ends,
    tolerance,
    companions: [{ start: new Float64Array(batch * estimates), allowed: () => nats }],
    slopes: async (at, sigma) => {
      const { clean, traces } = await traced(at, sigma)
      return { clean, companions: [traces.map(trace => entries - trace)] }
    },
  })
  return { end: state, volumes: companions[0], evaluations }
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
export function gaussianLogProb(sd: number): CloudLogProb {
  return x => {
    const each = x.values.length / x.shape[0]
    return Float64Array.from({ length: x.shape[0] }, (_, cloud) => {
      let square = 0
      for (let i = cloud * each; i < (cloud + 1) * each; i++) square += x.values[i] ** 2
      return -square / (2 * sd ** 2) - each * (Math.log(sd) + Math.log(2 * Math.PI) / 2)
    })
  }
}
