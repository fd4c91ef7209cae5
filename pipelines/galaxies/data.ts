import { DataError } from '../../core/index.js'
import type { Field } from '../../io/galaxies/field.js'
import { type FieldSource, openAllFields } from '../../io/galaxies/index.js'
import { rowsOfEach } from '../../io/index.js'
import type { ChunkedSource } from '../stream/index.js'

/** Fields of one or several files, read a few at a time; `close` when done. */
export interface GalaxiesData extends ChunkedSource<Field> {
  /** side of the cubic periodic box, Mpc/h */
  readonly box: number
  /** the most points a field has */
  readonly points: number
  /** whether every field has masses and velocities */
  readonly marks: boolean
  /** parameters of theta */
  readonly names: readonly string[]
  close(): void
}

/**
 * Opens files as one source. A chunk is a few fields, so that memory holds slices whatever the files' sizes.
 *
 * @param maxPoints  the heaviest so many points of each field
 * @param neighbours that each point must find among the others; 0 where nobody asks for them
 * @throws DataError where the files do not go together, the box is not a periodic cube, or (on reading) a field has too
 *   few points
 */
export async function openGalaxies(
  paths: readonly string[],
  maxPoints: number,
  neighbours: number,
  chunkSize = 4,
): Promise<GalaxiesData> {
  const sources = await openAllFields(paths, { maxPoints })
  const close = () => {
    for (const source of sources) source.close()
  }
  try {
    const [first] = sources
    const { box, names } = first.summary
    const side = box[0]
    if (side === null || box.some(length => length !== side)) {
      throw new DataError('expected a periodic cube', `got a box of ${box.join(' x ')}`, 'use fields of one cubic box')
    }
    if (names.length === 0)
      throw new DataError(`expected theta in ${first.path}`, 'got none', 'add theta with its names')
    const count = sources.reduce((sum, source) => sum + source.summary.count, 0)
    return {
      count,
      chunkSize,
      // positions, velocities, mass and mask
      itemBytes: 4 * 8 * Math.max(...sources.map(source => source.summary.maxPoints)),
      box: side,
      points: Math.max(...sources.map(source => source.summary.maxPoints)),
      marks: sources.every(({ summary }) => summary.velocities && summary.logMass),
      names,
      close,
      readChunk: (chunk, signal) =>
        readRange(sources, chunk * chunkSize, Math.min(count, (chunk + 1) * chunkSize), neighbours, signal),
    }
  } catch (error) {
    close()
    throw error
  }
}

async function readRange(
  sources: readonly FieldSource[],
  from: number,
  to: number,
  neighbours: number,
  signal: AbortSignal,
): Promise<Field[]> {
  const fields: Field[] = []
  for (const { source, begin, end } of rowsOfEach(sources, ({ summary }) => summary.count, from, to)) {
    let row = begin
    for await (const field of source.read(begin, end, signal))
      fields.push(enough(field, neighbours, source.path, row++))
  }
  return fields
}

/** Refused on reading: in a worker, in the middle of training, nobody would know which field it was. */
function enough(field: Field, neighbours: number, path: string, row: number): Field {
  if (field.points > neighbours) return field
  throw new DataError(
    `expected at least ${neighbours + 1} points in ${path}, row ${row}, for ${neighbours} neighbours of each`,
    `got ${field.points}`,
    `leave this field out, or --set network.neighbours=${Math.max(1, field.points - 1)}`,
  )
}
