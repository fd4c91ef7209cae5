import { logAddExp } from '../logSumExp.js'
import type { RandomStream } from '../randomStream.js'
import type { Insertion } from './insertionRanks.js'
import type { NestedPoint } from './nestedPoint.js'
import type { ConstrainedProposal } from './proposal.js'

/** How far a run has come. */
export interface Progress {
  /** the worst that is alive */
  readonly worst: number
  /** ln of the evidence of what has died, and of what would be if all the volume left had the best likelihood alive */
  readonly logDead: number
  readonly logLeft: number
  readonly dead: number
}

export interface Evolution {
  /** all points, in order of likelihood */
  readonly points: NestedPoint[]
  readonly insertions: Insertion[]
}

/** How a population evolves. */
export interface EvolutionSetting {
  /** points that die at once */
  readonly batch: number
  readonly proposal: ConstrainedProposal
  readonly random: RandomStream
  /** asked before each batch */
  readonly isFinished: (progress: Progress) => boolean
}

/**
 * Skilling's loop: the worst `batch` of the living die, and as many new ones are drawn from the prior above the best of
 * them; so the volume shrinks by factors of Beta(n, 1), Beta(n - 1, 1), … Points of one likelihood die together
 * (Fowlie, Handley and Su 2020, arXiv 2010.13884). What lives at the end is returned, too.
 *
 * @param live      points uniform in the prior above their births
 * @param logVolume ln of the share of the prior that they are uniform in
 */
export async function evolve(
  live: readonly NestedPoint[],
  logVolume: number,
  { batch, proposal, random, isFinished }: EvolutionSetting,
): Promise<Evolution> {
  const points: NestedPoint[] = []
  const insertions: Insertion[] = []
  let alive = [...live].sort(byLikelihood)
  let volume = logVolume
  let logDead = -Infinity
  for (;;) {
    const best = alive[alive.length - 1].log
    if (isFinished({ worst: alive[0].log, logDead, logLeft: best + volume, dead: points.length })) break
    let dying = Math.min(batch, alive.length - 1)
    while (dying < alive.length && alive[dying].log === alive[dying - 1].log) dying++
    // one plateau: nothing lies above it
    if (dying === alive.length) break
    for (let i = 0; i < dying; i++) {
      const next = volume - 1 / (alive.length - i)
      logDead = logAddExp(logDead, alive[i].log + volume + Math.log1p(-Math.exp(next - volume)))
      volume = next
    }
    const above = alive[dying - 1].log
    points.push(...alive.slice(0, dying))
    const known = alive.slice(dying)
    const fresh = (await proposal.draw({ above, known, logVolume: volume }, dying)).map(later)
    // one after the other, so that the ranks are independent
    const others = known.map(point => point.log)
    for (const { log, from } of fresh) {
      const rank = countBelow(others, log)
      const share = (rank + random.uniform()) / (others.length + 1)
      insertions.push({ rank: share, ...(from !== undefined && { from: countBelow(others, from) / others.length }) })
      others.splice(rank, 0, log)
    }
    alive = [...known, ...fresh].sort(byLikelihood)
  }
  return { points: [...points, ...alive], insertions }
}

export function byLikelihood(a: NestedPoint, b: NestedPoint): number {
  return a.log - b.log || 0
}

/** Points born above likelihood zero are told apart from the first of the prior, which are born at -Infinity. */
function later(point: NestedPoint): NestedPoint {
  return point.birth === -Infinity ? { ...point, birth: -Number.MAX_VALUE } : point
}

function countBelow(ascending: readonly number[], value: number): number {
  let count = 0
  while (count < ascending.length && ascending[count] < value) count++
  return count
}
