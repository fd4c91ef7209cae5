import { type Key, UsageError } from '../../core/index.js'
import { type ChainSampler, chainSampler } from './chainSampler.js'
import type { Chains } from './chains.js'
import { chainsIn, expectDensity, lockstep, startOf, type Walk } from './lockstep.js'
import { type RandomStream, randomStream } from './randomStream.js'
import { diagonalScales, type Scales, scaleLearner } from './scales.js'
import type { Target } from './target.js'

export interface MetropolisOptions {
  /** steps before the first that counts */
  readonly warmUp: number
  /** draws kept of every chain */
  readonly length: number
  /** steps from one draw kept to the next; default 1 */
  readonly thin?: number
  /**
   * of the first proposals, one for all coordinates or `[dim]`; default 2.38 / sqrt(dim), right for a standard normal
   * target
   */
  readonly deviations?: number | readonly number[]
}

/**
 * Random-walk Metropolis (Metropolis et al. 1953, doi:10.1063/1.1699114): independent normal steps of fixed deviations.
 * It needs no gradient and knows no scales: for targets of few dimensions that are about as wide as the steps. By
 * default 4 chains of 1,000 draws, 10 steps apart.
 *
 *     const { draws, diagnosis } = await sampleMetropolis({ point: x => -x[0] ** 2 / 2 }, { dim: 1, key: makeKey(0) })
 *     diagnosis.parameters[0].sd   // near 1
 *
 * With a target and starts of one's own: `sampleMetropolis(target, start, key, { warmUp: 1000, length: 500 })`.
 *
 * @throws UsageError for a start without density
 */
export const sampleMetropolis: ChainSampler<MetropolisOptions> = chainSampler<MetropolisOptions>({
  sample: (target, start, key, options) => walkAll({ target, start, key }, options, false),
  defaults: usualWalks,
})

/**
 * Adaptive Metropolis: steps with the covariance of the chain's own past (Haario, Saksman and Tamminen 2001,
 * doi:10.2307/3318737) and a size tuned to an acceptance of 0.234 (Andrieu and Thoms 2008,
 * doi:10.1007/s11222-008-9110-y, algorithm 4), one in twenty as in `sampleMetropolis` (Roberts and Rosenthal 2009,
 * doi:10.1198/jcgs.2009.06134, section 2). All of it stops after warm-up, so that what is kept is a Markov chain. Every
 * chain adapts by itself. Defaults and calls as of `sampleMetropolis`.
 *
 *     const banana = { point: x => -(x[0] ** 2 + 4 * (x[1] - x[0] ** 2) ** 2) / 2 }
 *     const { draws, diagnosis } = await sampleAdaptiveMetropolis(banana, { dim: 2, key: makeKey(0) })
 *
 * @throws UsageError for a start without density
 */
export const sampleAdaptiveMetropolis: ChainSampler<MetropolisOptions> = chainSampler<MetropolisOptions>({
  sample: (target, start, key, options) => walkAll({ target, start, key }, options, true),
  defaults: usualWalks,
})

function usualWalks(): { readonly chains: number; readonly options: MetropolisOptions } {
  return { chains: 4, options: { warmUp: 5000, length: 1000, thin: 10 } }
}

async function walkAll(
  { target, start, key }: { readonly target: Target; readonly start: Float64Array; readonly key: Key },
  { warmUp, length, thin = 1, deviations }: MetropolisOptions,
  adaptive: boolean,
): Promise<Chains> {
  const { dim } = target
  const chains = chainsIn(start, dim)
  const draws = new Float64Array(length * chains * dim)
  const logs = new Float64Array(length * chains)
  const first = diagonalScales(firstDeviations(deviations, dim))
  let taken = 0
  const walk = function* (chain: number): Walk {
    const random = randomStream(key.split(chain))
    const x = startOf(start, dim, chain)
    const wanted = { x: Float64Array.from(x), gradient: new Float64Array(dim) }
    let log = yield wanted
    expectDensity(log, x)
    const steps = proposals(first, dim, warmUp)
    for (let step = 0; step < warmUp + length * thin; step++) {
      steps.propose(x, wanted.x, random)
      const there = yield wanted
      const acceptance = Math.min(1, Math.exp(there - log))
      if (random.uniform() < acceptance) {
        x.set(wanted.x)
        log = there
        if (step >= warmUp) taken++
      }
      if (step < warmUp) {
        if (adaptive) steps.learn(x, acceptance, step)
        continue
      }
      if ((step - warmUp + 1) % thin !== 0) continue
      const row = ((step - warmUp + 1) / thin - 1) * chains + chain
      draws.set(x, row * dim)
      logs[row] = log
    }
  }
  const evaluations = await lockstep(
    target,
    Array.from({ length: chains }, (_, chain) => walk(chain)),
    false,
  )
  return { dim, chains, length, draws, logDensity: logs, acceptance: taken / (length * thin * chains), evaluations }
}

/** Normal steps; of the first scales alone until others are learnt. */
function proposals(first: Scales, dim: number, warmUp: number) {
  let learnt: Scales | undefined
  let logSize = Math.log(2.38 / Math.sqrt(dim))
  const noise = new Float64Array(dim)
  const learner = scaleLearner(dim, 'dense')
  let next = Math.max(20, 4 * dim)
  let added = 0
  return {
    propose(from: Float64Array, to: Float64Array, random: RandomStream): void {
      for (let i = 0; i < dim; i++) noise[i] = random.normal()
      // one step in twenty ignores the past, or a chain that has not moved never would
      const own = learnt && random.uniform() > 0.05 ? learnt : first
      own.toPosition(noise, to)
      const size = own === first ? 1 : Math.exp(logSize)
      for (let i = 0; i < dim; i++) to[i] = from[i] + size * to[i]
    },
    learn(x: Float64Array, acceptance: number, step: number): void {
      learner.add(x)
      added++
      if (learnt) logSize += (acceptance - 0.234) / (step + 1) ** 0.6
      // windows that double, each learnt anew: the first hold the way from the start
      if (added < next || step > 0.9 * warmUp) return
      learnt = learner.scales()
      next *= 2
      added = 0
    },
  }
}

function firstDeviations(deviations: number | readonly number[] | undefined, dim: number): Float64Array {
  if (deviations === undefined || typeof deviations === 'number') {
    return new Float64Array(dim).fill(deviations ?? 2.38 / Math.sqrt(dim))
  }
  if (deviations.length === dim) return Float64Array.from(deviations)
  throw new UsageError(
    `expected ${dim} deviations`,
    `got ${deviations.length}`,
    'give one a coordinate, or one for all',
  )
}
