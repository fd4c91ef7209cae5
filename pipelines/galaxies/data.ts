import { type Box, DataError } from '../../core/index.js'
import type { Field } from '../../io/galaxies/field.js'
import { fields } from '../../io/galaxies/fields.js'
import { chunksOf, type ObjectSource, openAllObjects } from '../../io/objects/index.js'
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
 * @param neighbours that each point must find among the others; 0 where none are needed
 * @throws DataError where the files do not go together, the box is not a periodic cube, or (on reading) a field has too
 *   few points
 */
export async function openGalaxies(
  paths: readonly string[],
  maxPoints: number,
  neighbours: number,
  chunkSize = 4,
): Promise<GalaxiesData> {
  const sources = await openAllObjects(fields, paths, { maxPoints })
  const close = () => {
    for (const source of sources) source.close()
  }
  try {
    const [{ attributes, names, path }] = sources
    const box = attributes.box as Box
    const side = box[0]
    if (side === null || box.some(length => length !== side)) {
      throw new DataError('expected a periodic cube', `got a box of ${box.join(' x ')}`, 'use fields of one cubic box')
    }
    if (names.length === 0) throw new DataError(`expected theta in ${path}`, 'got none', 'add theta with its names')
    return {
      ...chunksOf(
        sources.map(source => refusingSmall(source, neighbours)),
        chunkSize,
      ),
      box: side,
      points: Math.max(...sources.map(({ mostPoints }) => mostPoints)),
      marks: sources.every(({ columns }) => columns.includes('velocities') && columns.includes('log_mass')),
      names,
    }
  } catch (error) {
    close()
    throw error
  }
}

/** The source, whose reading fails at a field with too few points. */
function refusingSmall(source: ObjectSource<Field>, neighbours: number): ObjectSource<Field> {
  async function* read(from: number, to: number, signal?: AbortSignal): AsyncGenerator<Field> {
    let row = from
    for await (const field of source.read(from, to, signal)) yield enough(field, neighbours, source.path, row++)
  }
  return { ...source, read }
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
