import { betaQuantile } from './betaQuantile.js'
import { meanSampleSize, quantileSampleSize } from './effectiveSampleSize.js'

/**
 * The standard error of the mean of all draws: their deviation over the root of the effective number (Vehtari et al.
 * 2021, section 4.1).
 */
export function errorOfMean(chains: readonly Float64Array[]): number {
  const all = chains.flatMap(chain => Array.from(chain))
  const mean = all.reduce((sum, x) => sum + x, 0) / all.length
  const variance = all.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (all.length - 1)
  return Math.sqrt(variance / meanSampleSize(chains))
}

/**
 * The standard error of a quantile of all draws: half the distance of the draws between which it lies with 68% by the
 * binomial spread of the ranks (Vehtari et al. 2021, arXiv 1903.08008, section 4.4).
 *
 * @param share below the quantile, in (0, 1)
 */
export function errorOfQuantile(chains: readonly Float64Array[], share: number): number {
  const size = quantileSampleSize(chains, share)
  const sorted = Float64Array.from(chains.flatMap(chain => Array.from(chain))).sort()
  const [low, high] = [0.1586553, 0.8413447].map(p => betaQuantile(p, size * share + 1, size * (1 - share) + 1))
  const first = sorted[Math.max(Math.floor(low * sorted.length), 1) - 1]
  const last = sorted[Math.min(Math.ceil(high * sorted.length), sorted.length) - 1]
  return (last - first) / 2
}
