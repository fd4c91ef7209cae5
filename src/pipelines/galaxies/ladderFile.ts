import { DataError } from '../../core/index.js'
import type { Ladder } from '../../generative/index.js'
import type { PairBasis } from '../../gnn/pairs/index.js'
import { readSafetensors, writeSafetensors } from '../../io/index.js'
import type { LadderModel } from './ladderModel.js'

interface Description {
  readonly basis: PairBasis
  readonly fields: number
  readonly ladder: Omit<Ladder, 'coefficients'>
}

/** Writes a ladder: coefficients `[rungs, terms * features]` in float32, the rest as metadata. Atomic, equal ladders give equal bytes. */
export function saveLadder(path: string, { basis, fields, ladder }: LadderModel): void {
  const { coefficients, ...rest } = ladder
  const each = coefficients[0].length
  const values = new Float32Array(coefficients.length * each)
  coefficients.forEach((rung, i) => {
    values.set(rung, i * each)
  })
  const description: Description = { basis, fields, ladder: rest }
  writeSafetensors(
    path,
    { coefficients: { shape: [coefficients.length, each], values } },
    { ladder: JSON.stringify(description) },
  )
}

/** @throws DataError where the file is cut short or holds something else */
export function loadLadder(path: string): LadderModel {
  const { tensors, metadata } = readSafetensors(path)
  const stored = tensors.coefficients
  if (!(stored?.values instanceof Float32Array) || metadata.ladder === undefined)
    throw new DataError(`expected a ladder in ${path}`, 'got other tensors', 'train again with --force')
  const { basis, fields, ladder } = JSON.parse(metadata.ladder) as Description
  const [rungs, each] = stored.shape
  const values = Float64Array.from(stored.values)
  const coefficients = Array.from({ length: rungs }, (_, i) => values.slice(i * each, (i + 1) * each))
  return { basis, fields, ladder: { ...ladder, coefficients } }
}
