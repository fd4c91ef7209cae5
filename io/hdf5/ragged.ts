import { DataError } from '../../core/index.js'
import { type NumericArray, toFloat64 } from '../columns.js'

/**
 * Where the rows of each object begin, `[n + 1]`, the first 0. Two conventions are in use and both are read: `n + 1`
 * start offsets, and `n` END offsets (the `ptr` of JeansGNN's files).
 *
 * @param rows     length of the ragged datasets
 * @param objects  number of objects where another dataset gives it (labels `[n, p]`)
 * @throws DataError where they do not rise from 0 to `rows`
 */
export function startOffsets(path: string, stored: NumericArray, rows: number, objects?: number): Float64Array {
  const values = toFloat64(stored)
  const starts = values.length > 0 && values[0] === 0 && (objects === undefined || values.length === objects + 1)
  const offsets = starts ? values : Float64Array.of(0, ...values)
  const n = offsets.length - 1
  if (objects !== undefined && n !== objects) {
    throw new DataError(
      `expected ${objects} or ${objects + 1} offsets in ${path}`,
      `got ${values.length}`,
      'check the file',
    )
  }
  for (let i = 0; i < n; i++) {
    if (!(offsets[i + 1] >= offsets[i])) {
      throw new DataError(
        `expected rising offsets in ${path}`,
        `got ${offsets[i + 1]} after ${offsets[i]} at object ${i}`,
        'check the file',
      )
    }
  }
  if (offsets[n] !== rows) {
    throw new DataError(
      `expected the last offset in ${path} to be the number of rows, ${rows}`,
      `got ${offsets[n]}`,
      'check the file',
    )
  }
  return offsets
}
