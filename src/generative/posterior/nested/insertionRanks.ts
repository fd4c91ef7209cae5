import { kolmogorovUniform } from '../../calibration/kolmogorov.js'

/**
 * Where new points fell among those alive, by likelihood: uniform if they were drawn from the prior under the constraint as they should have been. Fowlie, Handley
 * and Su 2020, arXiv 2006.03371.
 */
export interface InsertionTest {
  /** the chance of ranks as uneven as these, all together */
  readonly p: number
  /** that of the most uneven stretch of one in ten of them (at least 100), times the number of stretches */
  readonly worstP: number
  readonly count: number
}

/** @param ranks in (0, 1), in the order of insertion */
export function testInsertion(ranks: readonly number[]): InsertionTest {
  if (ranks.length < 10) return { p: 1, worstP: 1, count: ranks.length }
  const stretch = Math.max(100, Math.ceil(ranks.length / 10))
  let least = 1
  let stretches = 0
  for (let first = 0; first + stretch <= ranks.length; first += stretch) {
    least = Math.min(least, kolmogorovUniform(ranks.slice(first, first + stretch)).p)
    stretches++
  }
  return { p: kolmogorovUniform(ranks).p, worstP: Math.min(1, least * Math.max(1, stretches)), count: ranks.length }
}
