import { type Key, type State, UsageError } from '../../core/index.js'
import type { Target } from '../posterior/target.js'
import { type DifferentiablePrior, logNormalRows } from '../prior/prior.js'
import { hutchinsonLogProb } from './hutchinson.js'
import { flowLogProb } from './likelihood.js'
import { type CompiledProbes, exactTrace } from './probedDenoiser.js'

/**
 * The posterior by the probability-flow ODE, over the standard normal coordinates z of the prior: log p(x | theta(z)) + log N(z). As many thetas as the
 * compiled batch has clouds go through the flow together. It has no gradient: for nested sampling, ensembles and Metropolis; `boundTarget` has one.
 *
 * @param compiled  for `[thetas, points, channels]`
 * @param x         one cloud, `[1, points, channels]`
 * @param base      log density at the largest sigma, the same for all thetas
 * @param traces    'exact', where compiled for a probe an entry, or the key of Hutchinson's probes: every theta gets the same, so differences are precise
 */
export function flowTarget(
  compiled: CompiledProbes,
  x: State,
  ends: readonly [smallest: number, largest: number],
  base: (x: State) => Float64Array,
  prior: DifferentiablePrior,
  traces: Key | 'exact',
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
  const atThetas = async (theta: Float64Array) => {
    const probed = compiled.at(theta)
    if (traces !== 'exact') {
      return (await hutchinsonLogProb(probed, copies, ends, base, { key: traces, probes: compiled.probes, shared: true }))
        .logProb
    }
    const axes = new Float32Array(batch * compiled.probes * each)
    const denoise = async (state: State, sigma: number) => (await probed(state, sigma, axes)).clean
    return (await flowLogProb(denoise, copies, ends, base, exactTrace(probed))).logProb
  }
  return {
    dim,
    logDensity: async rows => {
      const theta = prior.toTheta(rows)
      const logs = logNormalRows(rows, dim)
      for (let first = 0; first < logs.length; first += batch) {
        const count = Math.min(batch, logs.length - first)
        const some = Float64Array.from({ length: batch * dim }, (_, i) => {
          const row = first + Math.min(count - 1, Math.floor(i / dim))
          return theta[row * dim + (i % dim)]
        })
        const found = await atThetas(some)
        for (let row = 0; row < count; row++) {
          const log = logs[first + row] + found[row]
          logs[first + row] = Number.isNaN(log) ? Number.NEGATIVE_INFINITY : log
        }
      }
      return logs
    },
  }
}
