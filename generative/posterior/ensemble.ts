import { type Key, UsageError } from '../../core/index.js'
import { type ChainSampler, chainSampler } from './chainSampler.js'
import type { Chains } from './chains.js'
import { expectDensity } from './lockstep.js'
import { differentialEvolution, type Move, snooker, stretch } from './moves.js'
import { randomStream } from './randomStream.js'
import type { Target } from './target.js'

export interface EnsembleOptions {
  /** steps of every walker before the first that is kept */
  readonly burnIn: number
  /** draws kept of every walker */
  readonly length: number
  /** steps from one draw kept to the next; default 1 */
  readonly thin?: number
  /** proposals and how often each is made, relative to the others; default `defaultMoves` */
  readonly moves?: readonly (readonly [Move, number])[]
}

/**
 * What emcee's authors advise for parameters that constrain each other, and a little of the stretch, which leads lone
 * walkers back.
 */
export const defaultMoves: readonly (readonly [Move, number])[] = [
  [differentialEvolution(), 0.75],
  [snooker(), 0.2],
  [stretch(), 0.05],
]

/**
 * Walkers that propose by each other's places, half of them at a time so that detailed balance holds: Foreman-Mackey et
 * al. 2013 (arXiv 1202.3665), algorithm 3, with several kinds of move. Which walkers make a half is drawn anew every
 * step. A half is one call of the target. It needs no gradient. By default 40 walkers or 4 for each coordinate, and 300
 * draws of each, 10 steps apart.
 *
 *     const density = { point: x => -(x[0] ** 2 + (x[1] - x[0]) ** 2) / 2 }
 *     const { draws, diagnosis } = await sampleEnsemble(density, { dim: 2, key: makeKey(0) })
 *     diagnosis.trusted   // true
 *
 * With a target and starts of one's own, `[walkers, dim]`, which must span the space: `sampleEnsemble(target, start,
 * key, { burnIn: 500, length: 100 })`.
 *
 * @throws UsageError for fewer than 2 dim walkers, an odd number, or a start without density
 */
export const sampleEnsemble: ChainSampler<EnsembleOptions> = chainSampler<EnsembleOptions>({
  sample: walkEnsemble,
  defaults: dim => ({ chains: Math.max(40, 4 * dim), options: { burnIn: 1500, length: 300, thin: 10 } }),
  // R-hat of many short chains is noisy.
  rhatBelow: 1.03,
})

async function walkEnsemble(
  target: Target,
  start: Float64Array,
  key: Key,
  { burnIn, length, thin = 1, moves = defaultMoves }: EnsembleOptions,
): Promise<Chains> {
  const { dim } = target
  const walkers = start.length / dim
  if (!Number.isInteger(walkers) || walkers % 2 !== 0 || walkers < 2 * dim || walkers < 8) {
    throw new UsageError(
      `expected an even number of walkers, at least ${Math.max(8, 2 * dim)} for ${dim} parameters`,
      `got ${walkers}`,
      'start more walkers',
    )
  }
  const half = walkers / 2
  const positions = Float64Array.from(start)
  const logs = Float64Array.from(await target.logDensity(start))
  for (let w = 0; w < walkers; w++) expectDensity(logs[w], positions.subarray(w * dim, (w + 1) * dim))
  const random = randomStream(key)
  const total = moves.reduce((sum, [, weight]) => sum + weight, 0)
  const choose = (): Move => {
    let left = random.uniform() * total
    for (const [move, weight] of moves) {
      left -= weight
      if (left < 0) return move
    }
    return moves[moves.length - 1][0]
  }
  const proposals = new Float64Array(half * dim)
  const factors = new Float64Array(half)
  const thresholds = new Float64Array(half)
  const draws = new Float64Array(length * walkers * dim)
  const logDensities = new Float64Array(length * walkers)
  // chain[row] is the walker that lives in row: rows are shuffled so that the halves are contiguous
  const chain = Int32Array.from({ length: walkers }, (_, w) => w)
  let taken = 0
  let evaluations = walkers
  const steps = burnIn + length * thin
  for (let step = 0; step < steps; step++) {
    shuffleRows({ positions, logs, chain }, dim, random.integer)
    const move = choose()
    for (const first of [0, half]) {
      const others = { positions, first: half - first, count: half }
      for (let i = 0; i < half; i++) {
        const at = (first + i) * dim
        const to = proposals.subarray(i * dim, (i + 1) * dim)
        factors[i] = move(positions, at, others, to, random)
        thresholds[i] = Math.log(random.uniform())
        // a proposal that cannot be made is refused; it still has a row, because all rows are asked at once
        if (factors[i] === -Infinity) to.set(positions.subarray(at, at + dim))
      }
      const answer = target.logDensity(proposals)
      const there = answer instanceof Promise ? await answer : answer
      evaluations += half
      for (let i = 0; i < half; i++) {
        const row = first + i
        // a NaN compares as false and is refused
        if (!(thresholds[i] < factors[i] + there[i] - logs[row])) continue
        positions.set(proposals.subarray(i * dim, (i + 1) * dim), row * dim)
        logs[row] = there[i]
        if (step >= burnIn) taken++
      }
    }
    if (step < burnIn || (step - burnIn + 1) % thin !== 0) continue
    const kept = ((step - burnIn + 1) / thin - 1) * walkers
    for (let row = 0; row < walkers; row++) {
      draws.set(positions.subarray(row * dim, (row + 1) * dim), (kept + chain[row]) * dim)
      logDensities[kept + chain[row]] = logs[row]
    }
  }
  const acceptance = taken / (length * thin * walkers)
  return { dim, chains: walkers, length, draws, logDensity: logDensities, acceptance, evaluations }
}

interface Walkers {
  readonly positions: Float64Array
  readonly logs: Float64Array
  readonly chain: Int32Array
}

/** Fisher and Yates over the rows that matter: which half a row is in. */
function shuffleRows({ positions, logs, chain }: Walkers, dim: number, integer: (bound: number) => number): void {
  const half = chain.length / 2
  for (let row = 0; row < half; row++) {
    const other = row + integer(chain.length - row)
    for (let i = 0; i < dim; i++) swap(positions, row * dim + i, other * dim + i)
    swap(logs, row, other)
    swap(chain, row, other)
  }
}

function swap(values: Float64Array | Int32Array, a: number, b: number): void {
  const held = values[a]
  values[a] = values[b]
  values[b] = held
}
