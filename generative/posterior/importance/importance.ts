import { UsageError } from '../../../core/index.js'
import { logSumExp } from '../logSumExp.js'
import type { Target } from '../target.js'
import type { WeightedDraws } from '../weightedDraws.js'
import { normalisedWeights, weightedSampleSize } from '../weights.js'
import { paretoSmooth, paretoThreshold } from './paretoSmooth.js'

/** Draws of a proposal, weighted into draws of the target. */
export interface ImportanceRun extends WeightedDraws {
  /** ln of the integral of the target, nats, where the proposal is normalised */
  readonly logZ: number
  /** standard error, nats; holds where `reliable` */
  readonly logZError: number
  readonly paretoK: number
  /** whether k is low enough for this many draws; if not, the proposal misses parts of the target that matter */
  readonly reliable: boolean
}

/**
 * Importance reweighting with Pareto-smoothed weights. A mode where the proposal never draws stays unknown, to k too.
 *
 *     const { rows, logProb } = await fit.draw(2000, makeKey(0))
 *     const run = await reweigh(target, rows, logProb)
 *     if (run.reliable) print(run.logZ, run.logZError)
 *     const draws = equallyWeighted(run, 1000, makeKey(1))
 *
 * @param draws       `[n, dim]` of the proposal
 * @param logProposal its log-density at them, `[n]`
 * @throws UsageError where nothing drawn has a density in the target
 */
export async function reweigh(target: Target, draws: Float64Array, logProposal: Float64Array): Promise<ImportanceRun> {
  const { dim } = target
  const logTarget = await target.logDensity(draws)
  const ratios = logProposal.map((log, i) => {
    const ratio = logTarget[i] - log
    return Number.isNaN(ratio) ? -Infinity : ratio
  })
  const n = ratios.length
  if (!ratios.some(ratio => ratio > -Infinity)) {
    throw new UsageError(
      'expected draws where the target has density',
      `got none in ${n}`,
      'propose from a distribution that covers the target',
    )
  }
  const { logWeights, paretoK } = paretoSmooth(ratios)
  const weights = normalisedWeights(logWeights)
  const effectiveSampleSize = weightedSampleSize(weights)
  return {
    dim,
    draws,
    weights,
    effectiveSampleSize,
    logZ: logSumExp(logWeights) - Math.log(n),
    // (sd of the weights / their mean)^2 / n = 1 / ess - 1 / n
    logZError: Math.sqrt(Math.max(0, 1 / effectiveSampleSize - 1 / n)),
    paretoK,
    reliable: paretoK < paretoThreshold(n),
  }
}
