import { DataError } from '../../core/index.js'
import { readSafetensors, writeSafetensors } from '../../io/index.js'
import type { LadderModel } from './ladderModel.js'
import type { PairModel } from './pairModel.js'

/** A closed form: coefficients `[levels]` of `[terms * features]`, and what they belong to. */
interface ClosedForm {
  readonly coefficients: readonly Float64Array[]
}

interface FileKind {
  /** where the metadata holds the description */
  readonly name: string
  /** in words, for a reader of errors */
  readonly words: string
  readonly precision: Float32ArrayConstructor | Float64ArrayConstructor
}

/**
 * Files of models that are a closed form (property `part`) beside plain values: coefficients as a tensor, the rest as
 * JSON in the metadata. Writing is atomic; equal models give equal bytes.
 */
function closedForms<P extends string, M extends Readonly<Record<P, ClosedForm>> & object>(
  part: P,
  { name, words, precision }: FileKind,
) {
  return {
    save(path: string, model: M): void {
      const { [part]: form, ...others } = model
      const { coefficients, ...rest } = form
      const each = coefficients[0].length
      const values = new precision(coefficients.length * each)
      for (const [i, row] of coefficients.entries()) values.set(row, i * each)
      const tensors = { coefficients: { shape: [coefficients.length, each], values } }
      writeSafetensors(path, tensors, { [name]: JSON.stringify({ ...others, [part]: rest }) })
    },
    /** @throws DataError where the file is cut short or holds something else */
    load(path: string): M {
      const { tensors, metadata } = readWhole(path, words)
      const stored = tensors.coefficients
      if (!(stored?.values instanceof precision) || metadata[name] === undefined)
        throw new DataError(`expected a ${words} in ${path}`, 'got other tensors', 'train again with --force')
      const [levels, each] = stored.shape
      const values = Float64Array.from(stored.values)
      const coefficients = Array.from({ length: levels }, (_, i) => values.slice(i * each, (i + 1) * each))
      const description = JSON.parse(metadata[name]) as Omit<M, P> & Readonly<Record<P, object>>
      return { ...description, [part]: { ...description[part], coefficients } } as unknown as M
    },
  }
}

/** The pair score, in float64. */
export const { save: savePairModel, load: loadPairModel } = closedForms<'score', PairModel>('score', {
  name: 'pair_score',
  words: 'pair score',
  precision: Float64Array,
})

/** A ladder, in float32. */
export const { save: saveLadder, load: loadLadder } = closedForms<'ladder', LadderModel>('ladder', {
  name: 'ladder',
  words: 'ladder',
  precision: Float32Array,
})

function readWhole(path: string, words: string): ReturnType<typeof readSafetensors> {
  try {
    return readSafetensors(path)
  } catch (error) {
    if (!(error instanceof DataError)) throw error
    throw new DataError(`expected a whole ${words} in ${path}`, error.got, 'train again with --force', { cause: error })
  }
}
