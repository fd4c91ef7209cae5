import { chiSquareTail } from './chiSquare.js'
import { kolmogorovUniform } from './kolmogorov.js'

/** A probability of chance, and the same times the number of parameters tested (Bonferroni), at most 1. */
export interface TestOutcome {
  readonly statistic: number
  readonly p: number
  readonly adjusted: number
}

export interface RankTest {
  readonly name: string
  /** counts of the ranks in bins of equal width */
  readonly histogram: Int32Array
  readonly chiSquare: TestOutcome
  readonly kolmogorov: TestOutcome
}

/**
 * Simulation-based calibration (Talts et al. 2018, arXiv 1804.06788): where the posterior is right, the rank of the
 * truth among the draws is uniform.
 *
 * @param ranks of one parameter, as shares in (0, 1)
 * @param tests how many parameters are tested together
 */
export function testRanks(name: string, ranks: ArrayLike<number>, bins: number, tests: number): RankTest {
  const histogram = new Int32Array(bins)
  for (let i = 0; i < ranks.length; i++) histogram[Math.min(bins - 1, Math.floor(ranks[i] * bins))]++
  const expected = ranks.length / bins
  const statistic = histogram.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
  const outcome = (value: number, p: number): TestOutcome => ({ statistic: value, p, adjusted: Math.min(1, p * tests) })
  const { statistic: distance, p } = kolmogorovUniform(ranks)
  return {
    name,
    histogram,
    chiSquare: outcome(statistic, chiSquareTail(statistic, bins - 1)),
    kolmogorov: outcome(distance, p),
  }
}
