import { fitPareto, paretoQuantile } from './paretoFit.js'

export interface SmoothedWeights {
  /** `[n]`, on the scale of those given */
  readonly logWeights: Float64Array
  /** shape of the weights' tail; Infinity where too few differ, -Infinity where all weights are alike */
  readonly paretoK: number
}

/**
 * Importance weights whose largest (3 sqrt(n) of them, a fifth at most) are replaced by the quantiles of the
 * generalised Pareto distribution fitted to them, none larger than the largest was: Vehtari et al. 2024, "Pareto
 * smoothed importance sampling", arXiv 1507.02646, section 2. Its shape k says whether the weights can be believed, see
 * `paretoThreshold`.
 *
 * @param logRatios log of target over proposal at the draws, up to a constant; -Infinity for no density
 */
export function paretoSmooth(logRatios: Float64Array): SmoothedWeights {
  const n = logRatios.length
  const top = logRatios.reduce((a, b) => Math.max(a, b), -Infinity)
  const least = logRatios.reduce((a, b) => Math.min(a, b), Infinity)
  if (!Number.isFinite(top)) return { logWeights: logRatios.slice(), paretoK: Infinity }
  if (least === top) return { logWeights: logRatios.slice(), paretoK: -Infinity }
  const order = Array.from(logRatios.keys()).sort((a, b) => logRatios[a] - logRatios[b])
  const largest = Math.ceil(Math.min(n / 5, 3 * Math.sqrt(n)))
  // weights of 1e-308 of the largest are none
  const cutoff = Math.max(logRatios[order[Math.max(0, n - largest - 1)]] - top, Math.log(2 ** -1022))
  const tail = order.filter(i => logRatios[i] - top > cutoff)
  if (tail.length < 5) return { logWeights: logRatios.slice(), paretoK: Infinity }
  const fit = fitPareto(Float64Array.from(tail, i => Math.exp(logRatios[i] - top) - Math.exp(cutoff)))
  const logWeights = logRatios.slice()
  if (!Number.isFinite(fit.k)) return { logWeights, paretoK: Infinity }
  for (const [rank, i] of tail.entries()) {
    const quantile = paretoQuantile(fit, (rank + 0.5) / tail.length)
    logWeights[i] = top + Math.min(0, Math.log(quantile + Math.exp(cutoff)))
  }
  return { logWeights, paretoK: fit.k }
}

/** The k above which n draws are too few: min(1 - 1 / log10 n, 0.7), Vehtari et al. 2024, section 3.2.4. */
export function paretoThreshold(n: number): number {
  return Math.min(1 - 1 / Math.log10(n), 0.7)
}
