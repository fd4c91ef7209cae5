import { DataError, type Field } from '../../core/index.js'
import { type FieldSource, openFields } from '../../io/galaxies/index.js'
import type { ChunkedSource } from '../stream/index.js'

/** Fields of one or several files, read a few at a time; `close` when done. */
export interface GalaxiesData extends ChunkedSource<Field> {
  /** side of the cubic periodic box, Mpc/h */
  readonly box: number
  /** the most points a field has */
  readonly points: number
  /** parameters of theta */
  readonly names: readonly string[]
  close(): void
}

/**
 * Opens files as one source. A chunk is a few fields, so that memory holds slices whatever the files' sizes.
 *
 * @param maxPoints the heaviest so many points of each field
 * @throws DataError where the files do not go together, or the box is not a periodic cube
 */
export async function openGalaxies(paths: readonly string[], maxPoints: number, chunkSize = 4): Promise<GalaxiesData> {
  const sources: FieldSource[] = []
  const close = () => {
    for (const source of sources) source.close()
  }
  try {
    for (const path of paths) sources.push(await openFields(path, { maxPoints }))
    const [first] = sources
    if (!first) throw new DataError('expected a file of fields', 'got none', 'name one by --data')
    for (const { path, summary } of sources) {
      const same = summary.names.join() === first.summary.names.join() && summary.box.join() === first.summary.box.join()
      if (!same)
        throw new DataError(
          `expected the parameters and box of ${first.path}`,
          `got others in ${path}`,
          'train on files of one design',
        )
    }
    const { box, names } = first.summary
    const side = box[0]
    if (side === null || box.some(length => length !== side)) {
      throw new DataError('expected a periodic cube', `got a box of ${box.join(' x ')}`, 'use fields of one cubic box')
    }
    if (names.length === 0) throw new DataError(`expected theta in ${first.path}`, 'got none', 'add theta with its names')
    const count = sources.reduce((sum, source) => sum + source.summary.count, 0)
    return {
      count,
      chunkSize,
      box: side,
      points: Math.max(...sources.map(source => source.summary.maxPoints)),
      names,
      close,
      readChunk: (chunk, signal) => readRange(sources, chunk * chunkSize, Math.min(count, (chunk + 1) * chunkSize), signal),
    }
  } catch (error) {
    close()
    throw error
  }
}

async function readRange(sources: readonly FieldSource[], from: number, to: number, signal: AbortSignal): Promise<Field[]> {
  const fields: Field[] = []
  let first = 0
  for (const source of sources) {
    const { count } = source.summary
    const [begin, end] = [Math.max(from - first, 0), Math.min(to - first, count)]
    if (begin < end) for await (const field of source.read(begin, end, signal)) fields.push(field)
    first += count
  }
  return fields
}
