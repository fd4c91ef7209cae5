import { type Key, UsageError } from '../../core/index.js'
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
 * It needs no gradient and knows no scales: for targets of few dimensions that are about as wide as the steps.
 *
 * @param start `[chains, dim]`, each where the density is positive
 * @throws UsageError for a start without density
 */
export function sampleMetropolis(
  target: Target,
  start: Float64Array,
  key: Key,
  options: MetropolisOptions,
): Promise<Chains> {
  return walkAll(target, start, key, options, false)
}

/**
 * Adaptive Metropolis: steps with the covariance of the chain's own past (Haario, Saksman and Tamminen 2001,
 * doi:10.2307/3318737) and a size tuned to an acceptance of 0.234 (Andrieu and Thoms 2008,
 * doi:10.1007/s11222-008-9110-y, algorithm 4), one in twenty as in `sampleMetropolis` (Roberts and Rosenthal 2009,
 * doi:10.1198/jcgs.2009.06134, section 2). All of it stops after warm-up, so that what is kept is a Markov chain.
 *
 * @param start `[chains, dim]`, each where the density is positive; chains adapt apart
 * @throws UsageError for a start without density
 */
export function sampleAdaptiveMetropolis(
  target: Target,
  start: Float64Array,
  key: Key,
  options: MetropolisOptions,
): Promise<Chains> {
  return walkAll(target, start, key, options, true)
}

async function walkAll(
  target: Target,
  start: Float64Array,
  key: Key,
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
    for (let turn = 0; turn < warmUp + length * thin; turn++) {
      steps.propose(x, wanted.x, random)
      const there = yield wanted
      const acceptance = Math.min(1, Math.exp(there - log))
      if (random.uniform() < acceptance) {
        x.set(wanted.x)
        log = there
        if (turn >= warmUp) taken++
      }
      if (turn < warmUp) {
        if (adaptive) steps.learn(x, acceptance, turn)
        continue
      }
      if ((turn - warmUp + 1) % thin !== 0) continue
      const row = ((turn - warmUp + 1) / thin - 1) * chains + chain
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

/** Normal steps; until something is learnt, of the first scales alone. */
function proposals(first: Scales, dim: number, warmUp: number) {
  let learnt: Scales | undefined
  let logSize = Math.log(2.38 / Math.sqrt(dim))
  const noise = new Float64Array(dim)
  const learner = scaleLearner(dim, 'dense')
  let next = Math.max(20, 4 * dim)
  let since = 0
  return {
    propose(from: Float64Array, to: Float64Array, random: RandomStream): void {
      for (let i = 0; i < dim; i++) noise[i] = random.normal()
      // a step in twenty knows nothing of the past, lest a chain that has not moved never does
      const own = learnt && random.uniform() > 0.05 ? learnt : first
      own.toPosition(noise, to)
      const size = own === first ? 1 : Math.exp(logSize)
      for (let i = 0; i < dim; i++) to[i] = from[i] + size * to[i]
    },
    learn(x: Float64Array, acceptance: number, turn: number): void {
      learner.add(x)
      since++
      if (learnt) logSize += (acceptance - 0.234) / (turn + 1) ** 0.6
      // windows that double, each learnt anew: the first hold the way from the start
      if (since < next || turn > 0.9 * warmUp) return
      learnt = learner.scales()
      next *= 2
      since = 0
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
