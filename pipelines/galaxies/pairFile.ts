import type { LinearScore } from '../../generative/pairs/index.js'
import { type CoefficientKind, loadCoefficients, saveCoefficients } from './coefficientFile.js'
import type { PairModel } from './pairModel.js'

type Description = Omit<PairModel, 'score'> & { readonly score: Omit<LinearScore, 'coefficients'> }

const kind: CoefficientKind = { name: 'pair_score', words: 'pair score', precision: Float64Array }

/**
 * Writes the pair score: coefficients `[levels, terms * features]` in float64, the rest as metadata. Atomic, equal
 * models give equal bytes.
 */
export function savePairModel(path: string, { basis, fields, score }: PairModel): void {
  const { coefficients, ...rest } = score
  saveCoefficients<Description>(path, kind, { description: { basis, fields, score: rest }, coefficients })
}

/** @throws DataError where the file is cut short or holds something else */
export function loadPairModel(path: string): PairModel {
  const { description, coefficients } = loadCoefficients<Description>(path, kind)
  const { basis, fields, score } = description
  return { basis, fields, score: { ...score, coefficients } }
}
