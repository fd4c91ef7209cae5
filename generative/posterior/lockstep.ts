import { UsageError } from '../../core/index.js'
import type { Target } from './target.js'

/**
 * A point that a chain wants to know the density of; the gradient, where it was asked for, is written to `gradient`.
 */
export interface Wanted {
  /** `[dim]` */
  readonly x: Float64Array
  /** `[dim]` */
  readonly gradient: Float64Array
}

/** A chain that yields points and continues with the log-density there; -Infinity where there is none. */
export type Walk<T = void> = Generator<Wanted, T, number>

/**
 * Runs chains side by side: what all of them want is asked in one call of the target, and each continues with its
 * answer. Chains wait for each other at every evaluation, never at a step: one whose trajectories are long does not
 * hold up another's next draw. No chain depends on another.
 *
 * @returns how many points were asked
 * @throws UsageError where a gradient is wanted of a target without one
 */
export async function lockstep(target: Target, walks: readonly Walk[], withGradient: boolean): Promise<number> {
  const { dim } = target
  const differentiate = target.withGradient?.bind(target)
  if (withGradient && !differentiate) {
    throw new UsageError(
      'expected a target with a gradient',
      'got one without',
      'give `withGradient`, or sample by an ensemble or Metropolis',
    )
  }
  let active: { readonly walk: Walk; wanted: Wanted }[] = []
  for (const walk of walks) {
    const { value, done } = walk.next(Number.NaN)
    if (!done) active.push({ walk, wanted: value })
  }
  let rows = new Float64Array(active.length * dim)
  let evaluations = 0
  while (active.length > 0) {
    if (rows.length !== active.length * dim) rows = new Float64Array(active.length * dim)
    for (let i = 0; i < active.length; i++) rows.set(active[i].wanted.x, i * dim)
    evaluations += active.length
    let logs: Float64Array
    let gradient: Float64Array | undefined
    if (withGradient && differentiate) {
      const answer = differentiate(rows)
      // a target of plain numbers does not cost a turn of the event loop
      const both = answer instanceof Promise ? await answer : answer
      logs = both.logDensity
      gradient = both.gradient
    } else {
      const answer = target.logDensity(rows)
      logs = answer instanceof Promise ? await answer : answer
    }
    let ended = 0
    for (let i = 0; i < active.length; i++) {
      const one = active[i]
      if (gradient) for (let k = 0; k < dim; k++) one.wanted.gradient[k] = gradient[i * dim + k]
      const log = logs[i]
      const { value, done } = one.walk.next(Number.isNaN(log) ? -Infinity : log)
      if (done) ended++
      else one.wanted = value
      if (done) active[i] = { walk: one.walk, wanted: gone }
    }
    if (ended > 0) active = active.filter(({ wanted }) => wanted !== gone)
  }
  return evaluations
}

const gone: Wanted = { x: new Float64Array(0), gradient: new Float64Array(0) }

/** Row `chain` of the starts, `[chains, dim]`. */
export function startOf(start: Float64Array, dim: number, chain: number): Float64Array {
  return start.slice(chain * dim, (chain + 1) * dim)
}

/**
 * How many chains the starts are for.
 *
 * @throws UsageError where they are not whole rows
 */
export function chainsIn(start: Float64Array, dim: number): number {
  const chains = start.length / dim
  if (chains >= 1 && Number.isInteger(chains)) return chains
  throw new UsageError(`expected starts [chains, ${dim}]`, `got ${start.length} numbers`, 'pass one row a chain')
}

/** @throws UsageError for a start without density */
export function expectDensity(log: number, x: Float64Array): void {
  if (Number.isFinite(log)) return
  throw new UsageError(
    'expected a chain to start where the density is positive',
    `got ${log} at ${x.join(', ')}`,
    'start elsewhere',
  )
}
