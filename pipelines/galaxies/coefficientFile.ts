import { DataError } from '../../core/index.js'
import { readSafetensors, writeSafetensors } from '../../io/index.js'

/** A kind of file: coefficients of a closed form, and what they belong to. */
export interface CoefficientKind {
  /** where the metadata holds the description */
  readonly name: string
  /** in words, for a reader of errors */
  readonly words: string
  readonly precision: Float32ArrayConstructor | Float64ArrayConstructor
}

export interface Described<D> {
  /** what the file holds beside the coefficients, as JSON in its metadata */
  readonly description: D
  /** `[levels]` of `[terms * features]` */
  readonly coefficients: readonly Float64Array[]
}

/** Atomic; equal models give equal bytes. */
export function saveCoefficients<D>(
  path: string,
  kind: CoefficientKind,
  { description, coefficients }: Described<D>,
): void {
  const each = coefficients[0].length
  const values = new kind.precision(coefficients.length * each)
  coefficients.forEach((row, i) => {
    values.set(row, i * each)
  })
  writeSafetensors(
    path,
    { coefficients: { shape: [coefficients.length, each], values } },
    { [kind.name]: JSON.stringify(description) },
  )
}

/** @throws DataError where the file is cut short or holds something else */
export function loadCoefficients<D>(path: string, { name, words, precision }: CoefficientKind): Described<D> {
  const { tensors, metadata } = readWhole(path, words)
  const stored = tensors.coefficients
  if (!(stored?.values instanceof precision) || metadata[name] === undefined)
    throw new DataError(`expected a ${words} in ${path}`, 'got other tensors', 'train again with --force')
  const [levels, each] = stored.shape
  const values = Float64Array.from(stored.values)
  const coefficients = Array.from({ length: levels }, (_, i) => values.slice(i * each, (i + 1) * each))
  return { description: JSON.parse(metadata[name]) as D, coefficients }
}

function readWhole(path: string, words: string): ReturnType<typeof readSafetensors> {
  try {
    return readSafetensors(path)
  } catch (error) {
    if (!(error instanceof DataError)) throw error
    throw new DataError(`expected a whole ${words} in ${path}`, error.got, 'train again with --force', { cause: error })
  }
}
