import type { Key } from '../../../core/index.js'
import { type ImportanceRun, reweigh } from '../importance/index.js'
import type { Target } from '../target.js'

/** A density that can be drawn from and asked, put in the place of a target. */
export interface Approximation {
  readonly dim: number
  /** `[n, dim]` and their log-densities `[n]`, nats */
  draw(n: number, key: Key): Promise<{ readonly rows: Float64Array; readonly logProb: Float64Array }>
  /** `[n]`, nats, normalised */
  logProb(rows: Float64Array): Promise<Float64Array>
}

/** How close an approximation is, as far as its own draws show. */
export interface Judgement {
  /** mean of log target - log q over draws of q: below ln Z by KL(q || posterior), nats */
  readonly elbo: number
  /** its standard error, nats */
  readonly elboError: number
  /** the same draws reweighted: ln Z, k and whether both can be believed */
  readonly importance: ImportanceRun
}

/**
 * The evidence lower bound by fresh draws, and Pareto's k of their weights: Yao et al. 2018, "Yes, but did it work?",
 * arXiv 1802.02538. It knows nothing of what the approximation never draws: a whole mode missed leaves k low (fits
 * from several starts show that).
 *
 *     const { elbo, elboError, importance } = await judge(target, fit, 2000, makeKey(0))
 *     importance.reliable   // whether reweighted draws of the fit are draws of the target
 */
export async function judge(target: Target, approximation: Approximation, n: number, key: Key): Promise<Judgement> {
  const { rows, logProb } = await approximation.draw(n, key)
  const logTarget = await target.logDensity(rows)
  const terms = logProb.map((log, i) => logTarget[i] - log)
  const elbo = terms.reduce((a, b) => a + b, 0) / n
  const variance = terms.reduce((sum, term) => sum + (term - elbo) ** 2, 0) / (n - 1)
  return { elbo, elboError: Math.sqrt(variance / n), importance: await reweigh(target, rows, logProb) }
}
