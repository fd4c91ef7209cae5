import { kolmogorovUniform } from '../../calibration/kolmogorov.js'

/** A point as it came among those alive. */
export interface Insertion {
  /** the share of them below it, by likelihood, in (0, 1) */
  readonly rank: number
  /** the same of the point where its walk began, if it was a walk */
  readonly from?: number
}

/**
 * Where new points fell among those alive, by likelihood: uniform if they were drawn from the prior under the
 * constraint as they should have been. Fowlie, Handley and Su 2020, arXiv 2006.03371. A copy of a point alive is as
 * uniform: for walks see `memory`.
 */
export interface InsertionTest {
  /** the chance of ranks as uneven as these, all together */
  readonly p: number
  /** that of the most uneven stretch of one in ten of them (at least 100), times the number of stretches */
  readonly worstP: number
  /**
   * correlation of the ranks where walks began and where they ended: walks that are long enough leave none. 0 without
   * walks
   */
  readonly memory: number
  readonly count: number
}

/** @param insertions in order */
export function testInsertion(insertions: readonly Insertion[]): InsertionTest {
  const ranks = insertions.map(({ rank }) => rank)
  const memory = memoryOf(insertions)
  if (ranks.length < 10) return { p: 1, worstP: 1, memory, count: ranks.length }
  const stretch = Math.max(100, Math.ceil(ranks.length / 10))
  let least = 1
  let stretches = 0
  for (let first = 0; first + stretch <= ranks.length; first += stretch) {
    least = Math.min(least, kolmogorovUniform(ranks.slice(first, first + stretch)).p)
    stretches++
  }
  const p = kolmogorovUniform(ranks).p
  return { p, worstP: Math.min(1, least * Math.max(1, stretches)), memory, count: ranks.length }
}

function memoryOf(insertions: readonly Insertion[]): number {
  const walks = insertions.flatMap(({ rank, from }) => (from === undefined ? [] : [[rank, from] as const]))
  if (walks.length < 10) return 0
  const mean = (of: (walk: readonly [number, number]) => number) =>
    walks.reduce((sum, walk) => sum + of(walk), 0) / walks.length
  const [a, b] = [mean(([end]) => end), mean(([, start]) => start)]
  const covariance = mean(([end, start]) => (end - a) * (start - b))
  return covariance / Math.sqrt(mean(([end]) => (end - a) ** 2) * mean(([, start]) => (start - b) ** 2))
}
