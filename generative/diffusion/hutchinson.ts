import { type Key, randomWords, type State, UsageError } from '../../core/index.js'
import type { SigmaEnds, Tolerance } from './flowOde.js'
import { type CloudLogProb, type FlowLikelihood, flowTolerance, flowVolumes } from './likelihood.js'
import type { ProbedDenoiser } from './probedDenoiser.js'

/** How probes are drawn. */
export interface ProbeOptions {
  readonly key: Key
  /** of each cloud, at least 2; as many as the denoiser was compiled for */
  readonly probes: number
  /** the same probes for every cloud of the batch: where they are one cloud at several thetas */
  readonly shared?: boolean
}

export interface HutchinsonOptions extends ProbeOptions {
  /** log density at the largest sigma */
  readonly base: CloudLogProb
  readonly tolerance?: Tolerance
  /** error that a step of the solver may make of log p; default 1e-3 */
  readonly nats?: number
}

export interface HutchinsonLikelihood extends FlowLikelihood {
  /** `[batch]` standard error of logProb over probes; the solver's error is not in it */
  readonly error: Float64Array
  /**
   * `[batch, probes]`: log p by each probe alone; the same key gives the same probes, so differences between thetas
   * share them
   */
  readonly byProbe: Float64Array
}

/**
 * log p(x; sigma_min) by the probability-flow ODE with Hutchinson's estimate of the divergence, tr J = E v^T J v: Song
 * et al. 2021, arXiv 2011.13456, equation 40, after Grathwohl et al. 2019, arXiv 1810.01367. The probes are Rademacher
 * vectors, whose variance is 2 sum_{i != j} S_ij^2, S the symmetric part of J; nothing comes from the diagonal. Each is
 * kept along the whole path, so that the slope is smooth; all share the path.
 */
export async function hutchinsonLogProb(
  probed: ProbedDenoiser,
  x: State,
  ends: SigmaEnds,
  { base, tolerance = flowTolerance, nats = 1e-3, ...how }: HutchinsonOptions,
): Promise<HutchinsonLikelihood> {
  const { probes } = how
  if (!(Number.isInteger(probes) && probes >= 2)) {
    throw new UsageError(
      'expected at least 2 probes',
      `got ${probes}`,
      'the error is the spread between probes: take 2 or more',
    )
  }
  const batch = x.shape[0]
  const vectors = hutchinsonProbes(x.shape, how)
  const at = async (state: State, sigma: number) => {
    const { clean, quadratic } = await probed(state, sigma, vectors)
    return { clean, traces: quadratic }
  }
  const { end, volumes, evaluations } = await flowVolumes(at, x, ends, { estimates: probes, tolerance, nats })
  const atBase = base(end)
  const byProbe = volumes.map((volume, i) => atBase[Math.floor(i / probes)] + volume)
  const logProb = new Float64Array(batch)
  const error = new Float64Array(batch)
  for (let cloud = 0; cloud < batch; cloud++) {
    const each = byProbe.subarray(cloud * probes, (cloud + 1) * probes)
    logProb[cloud] = each.reduce((sum, v) => sum + v / probes, 0)
    error[cloud] = Math.sqrt(each.reduce((sum, v) => sum + (v - logProb[cloud]) ** 2, 0) / (probes - 1) / probes)
  }
  return { logProb, error, byProbe, base: end, evaluations }
}

/** The probes of `hutchinsonLogProb`, `[batch, probes, entries of a cloud]`. */
export function hutchinsonProbes(
  [batch, points, channels]: State['shape'],
  { key, probes, shared = false }: ProbeOptions,
): Float32Array {
  const size = points * channels * probes
  const drawn = rademacher(key, shared ? size : size * batch)
  return shared ? Float32Array.from({ length: size * batch }, (_, i) => drawn[i % size]) : drawn
}

/** Signs, each 1 or -1 with equal chance. */
function rademacher(key: Key, count: number): Float32Array {
  const words = randomWords(key, Math.ceil(count / 32))
  return Float32Array.from({ length: count }, (_, i) => ((words[i >>> 5] >>> (i & 31)) & 1 ? 1 : -1))
}
