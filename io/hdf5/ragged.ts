import { DataError } from '../../core/index.js'
import { type Column, type NumericArray, sizeOf, toFloat64 } from '../columns.js'
import { stopIfAborted } from '../eventLoop.js'
import { type Hdf5File, readNumbers } from './file.js'

/**
 * Where the rows of each object begin, `[n + 1]`, the first 0. Two conventions are in use and both are read: `n + 1`
 * start offsets, and `n` END offsets (the `ptr` of JeansGNN's files).
 *
 * @param rows     length of the ragged datasets
 * @param objects  number of objects where another dataset tells it (labels `[n, p]`)
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

/** The rows of one object, one column a dataset. */
export interface RaggedObject {
  readonly index: number
  readonly rows: number
  readonly columns: Readonly<Record<string, Column>>
}

/**
 * Object by object through ragged datasets, reading many objects at once but never more than about `maxRows` rows (an
 * object larger than that is read alone).
 */
export async function* raggedObjects(
  file: Hdf5File,
  datasets: readonly string[],
  offsets: Float64Array,
  options: {
    readonly from?: number
    readonly to?: number
    readonly maxRows?: number
    readonly signal?: AbortSignal
  } = {},
): AsyncGenerator<RaggedObject> {
  const { maxRows = 1 << 18, signal } = options
  const end = Math.min(options.to ?? offsets.length - 1, offsets.length - 1)
  for (let first = options.from ?? 0; first < end; ) {
    let last = first + 1
    while (last < end && offsets[last + 1] - offsets[first] <= maxRows) last++
    const region = { offset: [offsets[first]], count: [offsets[last] - offsets[first]] }
    const block: Record<string, NumericArray> = {}
    for (const name of datasets) block[name] = await readNumbers(file, name, region, signal)
    const widths = Object.fromEntries(datasets.map(name => [name, sizeOf((file.dataset(name).shape ?? []).slice(1))]))
    for (let index = first; index < last; index++) {
      stopIfAborted(signal)
      const start = offsets[index] - offsets[first]
      const stop = offsets[index + 1] - offsets[first]
      const cut = (name: string) => block[name].slice(start * widths[name], stop * widths[name])
      yield { index, rows: stop - start, columns: Object.fromEntries(datasets.map(name => [name, cut(name)])) }
    }
    first = last
  }
}
