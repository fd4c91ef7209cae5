import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DataError } from '../../../core/index.js'

/**
 * The bound is not the likelihood: its maximum lies about the truth with more scatter than its curvature says (a score
 * that is the best of its features, not the exact one). To the power measured here its posteriors are as wide as their
 * errors over fields that the emulator draws, to which the score was not fitted: the magnitude adjustment of composite
 * likelihoods (Pauli, Racugno and Ventura 2011).
 */
export interface LikelihoodPower {
  readonly power: number
  /** draws of noise a field that it was measured with */
  readonly draws: number
  /** fields it was measured on */
  readonly fields: number
}

export const powerFile = 'likelihood.json'

/** What lies beside the weights of a model; nothing where it was not measured. @throws DataError for another content */
export function readPower(run: string): LikelihoodPower | undefined {
  const path = join(run, powerFile)
  if (!existsSync(path)) return undefined
  const found = JSON.parse(readFileSync(path, 'utf8')) as LikelihoodPower
  if (found.power > 0 && found.power <= 1 && found.draws >= 1) return found
  throw new DataError(`expected a power in (0, 1] in ${path}`, `got ${found.power}`, 'measure it again')
}
