import { type Key, type State, UsageError } from '../../core/index.js'
import { posteriorTarget } from '../posterior/posteriorTarget.js'
import type { Target } from '../posterior/target.js'
import type { DifferentiablePrior } from '../prior/prior.js'
import { type FlowBase, flowGradient } from './flowGradient.js'
import type { SigmaEnds } from './flowOde.js'
import { hutchinsonLogProb, hutchinsonProbes } from './hutchinson.js'
import { type FlowLikelihood, tracedLogProb } from './likelihood.js'
import { axesOf, type CompiledProbes, exactlyTraced } from './probedDenoiser.js'

export interface FlowTargetOptions {
  /** the density at the largest sigma, the same for all thetas */
  readonly base: FlowBase
  readonly prior: DifferentiablePrior
  /**
   * 'exact', where compiled for a probe an entry, or the key of Hutchinson's probes: every theta gets the same, so
   * differences are precise
   */
  readonly traces: Key | 'exact'
}

/**
 * The posterior by the probability-flow ODE, over the standard normal coordinates z of the prior: log p(x | theta(z)) +
 * log N(z), and its gradient by the adjoint of the flow. As many thetas as the compiled batch has clouds go through the
 * flow together.
 *
 * @param compiled for `[thetas, points, channels]`
 * @param x        one cloud, `[1, points, channels]`
 */
export function flowTarget(
  compiled: CompiledProbes,
  x: State,
  ends: SigmaEnds,
  { base, prior, traces }: FlowTargetOptions,
): Target {
  const dim = prior.names.length
  const [batch, points, channels] = compiled.shape
  const each = points * channels
  if (x.values.length !== each || (traces === 'exact' && compiled.probes !== each)) {
    throw new UsageError(
      `expected one cloud of ${each} entries${traces === 'exact' ? ' and as many probes' : ''}`,
      `got ${x.values.length} entries and ${compiled.probes} probes`,
      'compile the probes for this cloud',
    )
  }
  const copies: State = {
    shape: compiled.shape,
    values: Float32Array.from({ length: batch * each }, (_, i) => x.values[i % each]),
  }
  const hutchinson = traces === 'exact' ? undefined : { key: traces, probes: compiled.probes, shared: true }
  const known = hutchinson
    ? { vectors: hutchinsonProbes(copies.shape, hutchinson), weight: 1 / compiled.probes }
    : { vectors: axesOf(copies.shape), weight: 1 }
  const logProbAt = async (theta: Float64Array): Promise<FlowLikelihood> => {
    const probed = compiled.at(theta)
    if (hutchinson) return hutchinsonLogProb(probed, copies, ends, { ...hutchinson, base: base.logProb })
    return tracedLogProb(exactlyTraced(probed, known.vectors), copies, ends, { base: base.logProb })
  }
  /**
   * `[rows]` log p: as many rows of theta at a time as the batch has clouds, the last batch filled up with copies of
   * the last row.
   */
  const byBatches = async (
    theta: Float64Array,
    then: (some: Float64Array, found: FlowLikelihood, first: number, count: number) => Promise<void> | void = () => {},
  ): Promise<Float64Array> => {
    const logs = new Float64Array(theta.length / dim)
    for (let first = 0; first < logs.length; first += batch) {
      const count = Math.min(batch, logs.length - first)
      const some = Float64Array.from({ length: batch * dim }, (_, i) => {
        const row = first + Math.min(count - 1, Math.floor(i / dim))
        return theta[row * dim + (i % dim)]
      })
      const found = await logProbAt(some)
      const there = found.logProb.subarray(0, count)
      logs.set(
        there.map(log => (Number.isNaN(log) ? Number.NEGATIVE_INFINITY : log)),
        first,
      )
      await then(some, found, first, count)
    }
    return logs
  }
  return posteriorTarget(prior, {
    dim,
    logDensity: theta => byBatches(theta),
    withGradient: async theta => {
      const byTheta = new Float64Array(theta.length)
      const logDensity = await byBatches(theta, async (some, found, first, count) => {
        const pullback = await compiled.pullBackAt(some)
        const { gradient } = await flowGradient(pullback, found.base, ends, { ...known, base, parameters: dim })
        byTheta.set(gradient.subarray(0, count * dim), first * dim)
      })
      return { logDensity, gradient: byTheta }
    },
  })
}
