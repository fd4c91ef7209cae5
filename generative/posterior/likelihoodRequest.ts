import type { Key, ParameterPrior } from '../../core/index.js'
import { asTarget, type Density, type OpenTarget } from './asTarget.js'
import { inNormalCoordinates } from './normalCoordinates.js'
import type { Target } from './target.js'

/** What a run by a plain log-likelihood needs and may choose. */
export interface LikelihoodSetting {
  readonly key: Key
  /** the prior of theta, which the likelihood is of; without it the likelihood is of coordinates z ~ N(0, I) */
  readonly prior?: ParameterPrior
  /** coordinates of a point; a prior and a `Target` have their own */
  readonly dim?: number
  /** worker threads of a tfjs program; default 1 */
  readonly threads?: number
}

/** Points of one compiled call of a tfjs program. */
const compiledRows = 64

/** Runs with the likelihood over z as a target, which is closed afterwards. */
export async function withLikelihoodInZ<T>(
  likelihood: Density,
  { prior, dim = prior?.names.length, threads }: LikelihoodSetting,
  run: (inZ: Target) => Promise<T>,
): Promise<T> {
  const isTarget = typeof likelihood === 'object' && 'dim' in likelihood
  const target: OpenTarget = await asTarget(likelihood, isTarget ? undefined : dim, { threads, rows: compiledRows })
  try {
    return await run(prior ? inNormalCoordinates(target, prior) : target)
  } finally {
    await target.close()
  }
}
