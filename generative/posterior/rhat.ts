import { normalInverseCdf } from './standardNormal.js'

/**
 * The rank-normalised split R-hat of Vehtari et al. 2021 (arXiv 1903.08008, section 4), the larger of that of the draws
 * (location) and of their distance from the median (scale). 1 where chains agree; they ask for less than 1.01. NaN
 * where a draw is NaN, or nothing moves.
 *
 *     rhat(seriesOf(chains, 0))   // 1.002
 *
 * @param chains one number a draw, chains of one length of 4 or more
 */
export function rhat(chains: readonly Float64Array[]): number {
  const halves = splitChains(chains)
  const middle = median(halves)
  const folded = halves.map(half => half.map(x => Math.abs(x - middle)))
  return Math.max(basicRhat(rankNormalise(halves)), basicRhat(rankNormalise(folded)))
}

/** First and second half of every chain, without the middle draw of an odd length. */
export function splitChains(chains: readonly Float64Array[]): Float64Array[] {
  const half = Math.floor(chains[0].length / 2)
  return chains.flatMap(chain => [chain.subarray(0, half), chain.subarray(chain.length - half)])
}

/**
 * Normal scores of the ranks over all chains, ties sharing their mean rank (Blom's offset 3/8). All NaN where a value
 * is: it has no rank.
 */
export function rankNormalise(chains: readonly Float64Array[]): Float64Array[] {
  const length = chains[0].length
  const count = chains.length * length
  const values = new Float64Array(count)
  for (const [c, chain] of chains.entries()) values.set(chain, c * length)
  const sorted = Float64Array.from(values).sort()
  // NaN sorts last
  if (Number.isNaN(sorted[count - 1])) return chains.map(chain => chain.map(() => Number.NaN))
  const ranks = new Map<number, number>()
  for (let i = 0; i < count; ) {
    let end = i
    while (end < count && sorted[end] === sorted[i]) end++
    ranks.set(sorted[i], normalInverseCdf(((i + 1 + end) / 2 - 0.375) / (count + 0.25)))
    i = end
  }
  return chains.map(chain => chain.map(x => ranks.get(x)!))
}

/** Gelman and Rubin: sqrt of (variance of all, estimated by both kinds) / (mean variance within). */
function basicRhat(chains: readonly Float64Array[]): number {
  const length = chains[0].length
  const means = chains.map(chain => chain.reduce((sum, x) => sum + x, 0) / length)
  const within =
    chains.reduce((sum, chain, c) => sum + chain.reduce((s, x) => s + (x - means[c]) ** 2, 0) / (length - 1), 0) /
    chains.length
  const mean = means.reduce((sum, x) => sum + x, 0) / chains.length
  const between = means.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (chains.length - 1)
  return Math.sqrt(between / within + (length - 1) / length)
}

function median(chains: readonly Float64Array[]): number {
  const sorted = Float64Array.from(chains.flatMap(chain => Array.from(chain))).sort()
  const half = sorted.length / 2
  return sorted.length % 2 === 1 ? sorted[Math.floor(half)] : (sorted[half - 1] + sorted[half]) / 2
}
