import { UsageError } from '../../core/index.js'
import type { ObjectKind, ObjectSource, OpenObjectsOptions } from './kind.js'
import { closeAll, openAllObjects } from './open.js'

export interface ReadObjectsOptions extends OpenObjectsOptions {
  /** Which objects, counted over all paths in their order: a range, or indices (any order; ascending is fastest) */
  readonly rows?: { readonly from?: number; readonly to?: number } | readonly number[]
  readonly signal?: AbortSignal
}

/**
 * Objects from files and folders, one after the other, slice by slice: memory does not grow with the files.
 *
 * @throws DataError that names file and row; UsageError for rows that are not there; Interrupted
 */
export async function* readObjects<T, O extends object>(
  kind: ObjectKind<T, O>,
  paths: string | readonly string[],
  options: ReadObjectsOptions & Partial<O> = {},
): AsyncGenerator<T> {
  const { rows, signal } = options
  const sources = await openAllObjects(kind, paths, options)
  try {
    for (const [from, to] of runsOf(rows, countOf(sources))) yield* readRange(sources, from, to, signal)
  } finally {
    closeAll(sources)
  }
}

/**
 * Object `index`, counted over all files.
 * @throws UsageError where there is none of that number
 */
export async function objectAt<T>(
  kind: ObjectKind<T>,
  paths: readonly string[],
  index: number,
  signal?: AbortSignal,
): Promise<T> {
  const sources = await openAllObjects(kind, paths)
  try {
    for await (const object of readRange(sources, index, index + 1, signal)) return object
    throw new UsageError(
      `expected --index from 0 to ${countOf(sources) - 1} in ${paths.join(', ')}`,
      `got ${index}`,
      `choose a ${kind.one} that is there`,
    )
  } finally {
    closeAll(sources)
  }
}

/** Objects of several files, read a chunk at a time in any order; `close` when done. */
export interface ObjectChunks<T> {
  readonly count: number
  readonly chunkSize: number
  /** About how large an object is in memory, bytes */
  readonly itemBytes: number
  /** The objects of a chunk, in order */
  readChunk(chunk: number, signal?: AbortSignal): Promise<T[]>
  /** Objects `from` to `to`, counted over all files */
  read(from: number, to: number, signal?: AbortSignal): AsyncGenerator<T>
  close(): void
}

/**
 * Several sources as one.
 *
 * @param chunkSize objects that are read at once. Of small ones a few hundred make one read of a compressed chunk serve
 *   them all.
 */
export function chunksOf<T>(sources: readonly ObjectSource<T>[], chunkSize = 256): ObjectChunks<T> {
  const count = countOf(sources)
  const read = (from: number, to: number, signal?: AbortSignal) => readRange(sources, from, to, signal)
  return {
    count,
    chunkSize,
    itemBytes: itemBytesOf(sources),
    read,
    async readChunk(chunk, signal) {
      const items: T[] = []
      for await (const item of read(chunk * chunkSize, Math.min(count, (chunk + 1) * chunkSize), signal))
        items.push(item)
      return items
    },
    close: () => closeAll(sources),
  }
}

/** Padded objects are batched at their full size, so the largest counts. Of others the mean, and 1 kB of overhead. */
function itemBytesOf<T>(sources: readonly ObjectSource<T>[]): number {
  const { columns, points } = sources[0].kind
  const pointBytes = columns.reduce((sum, { shape, width = 1 }) => sum + (shape === 'point' ? 4 * width : 0), 0)
  if (points?.layout === 'padded') return (pointBytes + 4) * Math.max(...sources.map(({ mostPoints }) => mostPoints))
  const total = sources.reduce((sum, source) => sum + source.totalPoints, 0)
  return Math.ceil((pointBytes * total) / countOf(sources)) + 1024
}

async function* readRange<T>(
  sources: readonly ObjectSource<T>[],
  from: number,
  to: number,
  signal?: AbortSignal,
): AsyncGenerator<T> {
  for (const { source, begin, end } of rowsOfEach(sources, ({ count }) => count, from, to))
    yield* source.read(begin, end, signal)
}

function countOf(sources: readonly { readonly count: number }[]): number {
  return sources.reduce((sum, { count }) => sum + count, 0)
}

/** Rows of one of several files. */
export interface RowsOfOne<S> {
  readonly source: S
  readonly begin: number
  readonly end: number
}

/** Rows `from` to `to`, counted over all files, as rows of each. */
export function rowsOfEach<S>(
  sources: readonly S[],
  rowsIn: (source: S) => number,
  from: number,
  to: number,
): RowsOfOne<S>[] {
  let first = 0
  return sources.flatMap(source => {
    const count = rowsIn(source)
    const [begin, end] = [Math.max(from - first, 0), Math.min(to - first, count)]
    first += count
    return begin < end ? [{ source, begin, end }] : []
  })
}

/** Consecutive rows as runs, so that a shuffled list of single rows and a plain range go the same way. */
function runsOf(rows: ReadObjectsOptions['rows'], total: number): [number, number][] {
  if (rows === undefined || !isList(rows)) return [[Math.max(0, rows?.from ?? 0), Math.min(rows?.to ?? total, total)]]
  const runs: [number, number][] = []
  for (const row of rows) {
    if (!Number.isInteger(row) || row < 0 || row >= total) {
      throw new UsageError(`expected a row from 0 to ${total - 1}`, `got ${row}`, 'choose one that exists')
    }
    const last = runs.at(-1)
    if (last && last[1] === row) last[1] = row + 1
    else runs.push([row, row + 1])
  }
  return runs
}

function isList(rows: NonNullable<ReadObjectsOptions['rows']>): rows is readonly number[] {
  return Array.isArray(rows)
}
