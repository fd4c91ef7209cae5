import { DataError } from '../../core/index.js'
import type { LinearScore } from '../../generative/pairs/index.js'
import type { PairBasis } from '../../gnn/pairs/index.js'
import { readSafetensors, writeSafetensors } from '../../io/index.js'
import type { PairModel } from './pairModel.js'

/** What the file holds beside the coefficients, as JSON in its metadata. */
interface Description {
  readonly basis: PairBasis
  readonly fields: number
  readonly score: Omit<LinearScore, 'coefficients'>
}

/** Writes the pair score: coefficients `[levels, terms * features]` in float64, the rest as metadata. Atomic, equal models give equal bytes. */
export function savePairModel(path: string, { basis, fields, score }: PairModel): void {
  const { coefficients, ...rest } = score
  const each = coefficients[0].length
  const values = new Float64Array(coefficients.length * each)
  coefficients.forEach((level, i) => {
    values.set(level, i * each)
  })
  const description: Description = { basis, fields, score: rest }
  writeSafetensors(
    path,
    { coefficients: { shape: [coefficients.length, each], values } },
    { pair_score: JSON.stringify(description) },
  )
}

/** @throws DataError where the file is cut short or holds something else */
export function loadPairModel(path: string): PairModel {
  const { tensors, metadata } = readWhole(path)
  const values = tensors.coefficients?.values
  if (!(values instanceof Float64Array) || metadata.pair_score === undefined) {
    throw new DataError(`expected a pair score in ${path}`, 'got other tensors', 'train again with --force')
  }
  const { basis, fields, score } = JSON.parse(metadata.pair_score) as Description
  const [levels, each] = tensors.coefficients.shape
  const coefficients = Array.from({ length: levels }, (_, i) => values.slice(i * each, (i + 1) * each))
  return { basis, fields, score: { ...score, coefficients } }
}

function readWhole(path: string): ReturnType<typeof readSafetensors> {
  try {
    return readSafetensors(path)
  } catch (error) {
    if (!(error instanceof DataError)) throw error
    throw new DataError(`expected a whole pair score in ${path}`, error.got, 'train again with --force', { cause: error })
  }
}
