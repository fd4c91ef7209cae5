import type { Ladder } from '../../generative/ladder/index.js'
import { type CoefficientKind, loadCoefficients, saveCoefficients } from './coefficientFile.js'
import type { LadderModel } from './ladderModel.js'

type Description = Omit<LadderModel, 'ladder'> & { readonly ladder: Omit<Ladder, 'coefficients'> }

const kind: CoefficientKind = { name: 'ladder', words: 'ladder', precision: Float32Array }

/**
 * Writes a ladder: coefficients `[rungs, terms * features]` in float32, the rest as metadata. Atomic, equal ladders
 * give equal bytes.
 */
export function saveLadder(path: string, { basis, fields, ladder }: LadderModel): void {
  const { coefficients, ...rest } = ladder
  saveCoefficients<Description>(path, kind, { description: { basis, fields, ladder: rest }, coefficients })
}

/** @throws DataError where the file is cut short or holds something else */
export function loadLadder(path: string): LadderModel {
  const { description, coefficients } = loadCoefficients<Description>(path, kind)
  const { basis, fields, ladder } = description
  return { basis, fields, ladder: { ...ladder, coefficients } }
}
