import { rankNormalise, splitChains } from './rhat.js'

/**
 * How many independent draws would estimate the mean of the ranks as well: the bulk effective sample size of Vehtari et
 * al. 2021 (arXiv 1903.08008, section 4 and appendix A), on rank-normalised split chains with Geyer's initial monotone
 * sequence.
 *
 * @param chains one number a draw, chains of one length of 8 or more
 * @returns NaN where a draw is NaN
 */
export function effectiveSampleSize(chains: readonly Float64Array[]): number {
  return sizeOf(rankNormalise(splitChains(chains)))
}

/**
 * The smaller of the effective sizes for the 5% and the 95% quantile (section 4.3): how far the ends of intervals can
 * be trusted.
 */
export function tailSampleSize(chains: readonly Float64Array[]): number {
  return Math.min(quantileSampleSize(chains, 0.05), quantileSampleSize(chains, 0.95))
}

/** The effective size for the quantile with `share` below it: that of the draws' being below (section 4.3). */
export function quantileSampleSize(chains: readonly Float64Array[], share: number): number {
  const sorted = Float64Array.from(chains.flatMap(chain => Array.from(chain))).sort()
  // NaN sorts last
  if (Number.isNaN(sorted[sorted.length - 1])) return Number.NaN
  // numpy's linear quantile, as arviz takes it
  const place = share * (sorted.length - 1)
  const low = Math.floor(place)
  const bound = sorted[low] + (place - low) * ((sorted[low + 1] ?? sorted[low]) - sorted[low])
  return sizeOf(splitChains(chains.map(chain => chain.map(x => (x <= bound ? 1 : 0)))))
}

/** The effective size for the mean itself, without ranks (section 3.2): what the error of a mean is made of. */
export function meanSampleSize(chains: readonly Float64Array[]): number {
  return sizeOf(splitChains(chains))
}

function sizeOf(chains: readonly Float64Array[]): number {
  const count = chains.length
  const length = chains[0].length
  const means = chains.map(mean)
  const centred = chains.map((chain, c) => chain.map(x => x - means[c]))
  const overall = mean(Float64Array.from(means))
  const between = count > 1 ? means.reduce((sum, x) => sum + (x - overall) ** 2, 0) / (count - 1) : 0
  const biased = meanCovariance(centred, 0)
  const within = (biased * length) / (length - 1)
  const variance = biased + between
  if (variance === 0) return count * length
  if (Number.isNaN(variance)) return Number.NaN
  const correlation = (lag: number): number => 1 - (within - meanCovariance(centred, lag)) / variance
  // Geyer 1992: sums of neighbours are positive and do not grow
  let even = 1
  let odd = correlation(1)
  const rho = [even, odd]
  let lag = 1
  for (; lag < length - 3 && even + odd > 0; lag += 2) {
    even = correlation(lag + 1)
    odd = correlation(lag + 2)
    if (even + odd >= 0) rho.push(even, odd)
  }
  const last = lag - 2
  if (even > 0) rho[last + 1] = even
  for (let t = 1; t <= last - 2; t += 2) {
    if (rho[t + 1] + rho[t + 2] <= rho[t - 1] + rho[t]) continue
    rho[t + 1] = (rho[t - 1] + rho[t]) / 2
    rho[t + 2] = rho[t + 1]
  }
  let time = -1 + (rho[last + 1] ?? 0)
  for (let t = 0; t <= last; t++) time += 2 * rho[t]
  const draws = count * length
  return draws / Math.max(time, 1 / Math.log10(draws))
}

const mean = (values: Float64Array): number => values.reduce((sum, x) => sum + x, 0) / values.length

/** Mean over chains of the biased autocovariance at a lag; lag by lag, for one seldom wants many. */
function meanCovariance(centred: readonly Float64Array[], lag: number): number {
  let sum = 0
  for (const chain of centred) for (let i = lag; i < chain.length; i++) sum += chain[i] * chain[i - lag]
  return sum / (centred.length * centred[0].length)
}
