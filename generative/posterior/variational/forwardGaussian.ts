import { type Key, WorkError } from '../../../core/index.js'
import { paretoSmooth } from '../importance/index.js'
import type { Target } from '../target.js'
import { normalisedWeights, weightedSampleSize } from '../weights.js'
import { type Gaussian, type GaussianKind, gaussian, gaussianOfDraws, scaledIdentity } from './gaussian.js'

export interface ForwardOptions {
  readonly kind: GaussianKind
  /** default 20 */
  readonly rounds?: number
  /** draws a round; default 1000 */
  readonly draws?: number
  /** where the fit begins, wider than the target; default N(0, I) */
  readonly start?: Gaussian
}

/** This share of the draws must count. */
const leastShare = 0.1

/**
 * The Gaussian of least KL(posterior || q), by no gradient: draws of q reweighted to the posterior give its moments,
 * round after round (adaptive importance sampling: Cappé et al. 2008, arXiv 0710.4242). While a few draws would have
 * almost all the weight, the weights are raised to a power below 1.
 *
 *     const fit = await fitForward(target, makeKey(0), { kind: 'full-rank' })
 *     fit.mean    // `[dim]`
 *
 * @throws WorkError where no draw has density, or the draws that count lie in a plane
 */
export async function fitForward(target: Target, key: Key, options: ForwardOptions): Promise<Gaussian> {
  const { dim } = target
  const { kind, rounds = 20, draws = 1000 } = options
  let now = options.start ?? gaussian(new Float64Array(dim), scaledIdentity(dim))
  for (let round = 0; round < rounds; round++) {
    const { rows, logProb } = await now.draw(draws, key.split(round))
    const logTarget = await target.logDensity(rows)
    const { logWeights } = paretoSmooth(logProb.map((log, i) => finite(logTarget[i] - log)))
    const weights = flattened(logWeights, leastShare * draws)
    const next = weights.every(w => !Number.isNaN(w)) ? gaussianOfDraws(rows, dim, kind, weights) : undefined
    if (!next) {
      throw new WorkError(
        `expected draws that count in all ${dim} directions`,
        'got too few with density in the target',
        'begin wider, or draw more',
      )
    }
    now = next
  }
  return now
}

/** Weights to the largest power up to 1 that leaves `size` effective draws. */
function flattened(logWeights: Float64Array, size: number): Float64Array {
  const raised = (power: number) => normalisedWeights(logWeights.map(log => (log === -Infinity ? log : power * log)))
  let [low, high] = [0, 1]
  if (weightedSampleSize(raised(1)) >= size) return raised(1)
  for (let step = 0; step < 30; step++) {
    const middle = (low + high) / 2
    if (weightedSampleSize(raised(middle)) >= size) low = middle
    else high = middle
  }
  return raised(low)
}

function finite(log: number): number {
  return Number.isNaN(log) ? -Infinity : log
}
