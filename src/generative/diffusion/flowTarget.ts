import { type Key, type State, UsageError } from '../../core/index.js'
import type { Target } from '../posterior/target.js'
import { type DifferentiablePrior, logNormalRows } from '../prior/prior.js'
import { type FlowBase, flowGradient } from './flowGradient.js'
import { hutchinsonLogProb, hutchinsonProbes } from './hutchinson.js'
import { type FlowLikelihood, flowLogProb } from './likelihood.js'
import { axesOf, type CompiledProbes, exactTrace } from './probedDenoiser.js'

/**
 * The posterior by the probability-flow ODE, over the standard normal coordinates z of the prior: log p(x | theta(z)) + log N(z), and its gradient by the adjoint of the flow. As
 * many thetas as the compiled batch has clouds go through the flow together.
 *
 * @param compiled  for `[thetas, points, channels]`
 * @param x         one cloud, `[1, points, channels]`
 * @param base      the density at the largest sigma, the same for all thetas
 * @param traces    'exact', where compiled for a probe an entry, or the key of Hutchinson's probes: every theta gets the same, so differences are precise
 */
export function flowTarget(
  compiled: CompiledProbes,
  x: State,
  ends: readonly [smallest: number, largest: number],
  base: FlowBase,
  prior: DifferentiablePrior,
  traces: Key | 'exact',
): Target & Required<Pick<Target, 'withGradient'>> {
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
    if (hutchinson) return hutchinsonLogProb(probed, copies, ends, base.logProb, hutchinson)
    const denoise = async (state: State, sigma: number) => (await probed(state, sigma, known.vectors)).clean
    return flowLogProb(denoise, copies, ends, base.logProb, exactTrace(probed))
  }
  /** The rows of theta as many at a time as the batch has clouds, the last filled up with copies of its own last. */
  const inTurns = async (theta: Float64Array, take: (some: Float64Array, first: number, count: number) => Promise<void>) => {
    for (let first = 0; first < theta.length / dim; first += batch) {
      const count = Math.min(batch, theta.length / dim - first)
      const some = Float64Array.from({ length: batch * dim }, (_, i) => {
        const row = first + Math.min(count - 1, Math.floor(i / dim))
        return theta[row * dim + (i % dim)]
      })
      await take(some, first, count)
    }
  }
  const added = (logs: Float64Array, found: Float64Array, first: number, count: number): void => {
    for (let row = 0; row < count; row++) {
      const log = logs[first + row] + found[row]
      logs[first + row] = Number.isNaN(log) ? Number.NEGATIVE_INFINITY : log
    }
  }
  return {
    dim,
    logDensity: async rows => {
      const logs = logNormalRows(rows, dim)
      await inTurns(prior.toTheta(rows), async (some, first, count) => {
        added(logs, (await logProbAt(some)).logProb, first, count)
      })
      return logs
    },
    withGradient: async rows => {
      const logDensity = logNormalRows(rows, dim)
      const byTheta = new Float64Array(rows.length)
      await inTurns(prior.toTheta(rows), async (some, first, count) => {
        const found = await logProbAt(some)
        added(logDensity, found.logProb, first, count)
        const pullback = await compiled.pullBackAt(some)
        const { gradient } = await flowGradient(pullback, found.base, ends, base, { ...known, parameters: dim })
        byTheta.set(gradient.subarray(0, count * dim), first * dim)
      })
      return { logDensity, gradient: prior.pullBack(rows, byTheta).map((slope, i) => slope - rows[i]) }
    },
  }
}
