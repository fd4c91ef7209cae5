import { DataError, type Field } from '../../core/index.js'
import { type FieldSource, type FieldsSummary, openFields } from '../../io/galaxies/index.js'
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
 * @throws DataError where the files do not go together, the box is not a periodic cube, or (on reading) a field has too few points
 */
export async function openGalaxies(
  paths: readonly string[],
  maxPoints: number,
  neighbours: number,
  chunkSize = 4,
): Promise<GalaxiesData> {
  const sources: FieldSource[] = []
  const close = () => {
    for (const source of sources) source.close()
  }
  try {
    for (const path of paths) sources.push(await openFields(path, { maxPoints }))
    const [first] = sources
    if (!first) throw new DataError('expected a file of fields', 'got none', 'name one by --data')
    for (const other of sources) requireSameDesign(first, other)
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

function requireSameDesign(first: FieldSource, other: FieldSource): void {
  const described = {
    parameters: ({ names }: FieldsSummary) => names.join(', ') || 'none',
    box: ({ box }: FieldsSummary) => box.join(' x '),
  }
  for (const [what, describe] of Object.entries(described)) {
    const [wanted, got] = [describe(first.summary), describe(other.summary)]
    if (got === wanted) continue
    throw new DataError(
      `expected the ${what} ${wanted} of ${first.path}`,
      `got ${got} in ${other.path}`,
      'train on files of one design',
    )
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
  let first = 0
  for (const source of sources) {
    const { count } = source.summary
    const [begin, end] = [Math.max(from - first, 0), Math.min(to - first, count)]
    let row = begin
    if (begin < end)
      for await (const field of source.read(begin, end, signal)) fields.push(enough(field, neighbours, source.path, row++))
    first += count
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
