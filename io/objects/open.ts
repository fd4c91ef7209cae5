import { accessSync, constants, statSync } from 'node:fs'
import { extname } from 'node:path'
import { DataError, UsageError } from '../../core/index.js'
import { openArrowTable, openCsvTable, openHdf5Table, type TableSource } from '../table/index.js'
import { declaredObjects } from './declared.js'
import type { ForeignObjects, ObjectKind, ObjectSource, OpenOptions } from './kind.js'

/**
 * Opens a file or folder of objects, by what it is: HDF5 or Arrow in the declared layout, or a foreign layout of the
 * kind.
 *
 * @throws DataError where it is none of them
 */
export async function openObjects<T, O extends object>(
  kind: ObjectKind<T, O>,
  path: string,
  options: OpenOptions & Partial<O> = {},
): Promise<ObjectSource<T>> {
  const found = statSync(path, { throwIfNoEntry: false })
  const refuse = (got: string) => new DataError(`expected ${kind.noun} at ${path}`, got, 'check the path')
  if (!found) throw refuse('got no such file')
  requireReadable(path)
  const layout = kind.foreign?.find(layout => layout.opens(path))
  if (!layout && found.isDirectory()) throw refuse('got a folder')
  const { format, objects } = layout
    ? { format: layout.format, objects: await layout.open(path, options) }
    : await openTable(kind, path, options)
  return { ...cut(kind, objects, options.maxPoints), kind, path, format }
}

async function openTable<T, O extends object>(
  kind: ObjectKind<T, O>,
  path: string,
  options: OpenOptions & Partial<O>,
): Promise<{ readonly format: string; readonly objects: ForeignObjects<T> }> {
  const table = await tableAt(kind, path)
  try {
    for (const { format, view } of kind.views ?? []) {
      const seen = view(table)
      if (seen) return { format, objects: await declaredObjects(kind, seen, options) }
    }
    return { format: table.format, objects: await declaredObjects(kind, table, options) }
  } catch (error) {
    table.close()
    throw error
  }
}

async function tableAt<T>(kind: ObjectKind<T>, path: string): Promise<TableSource> {
  switch (extname(path).toLowerCase()) {
    case '.arrow':
    case '.arrows':
    case '.feather':
      return openArrowTable(path)
    case '.csv':
      return openCsvTable(path)
    default:
      return openHdf5Table(path, kind.columns[0].name)
  }
}

function requireReadable(path: string): void {
  try {
    accessSync(path, constants.R_OK)
  } catch (error) {
    const expected = `expected a readable file at ${path}`
    throw new DataError(expected, 'got no permission to read it', 'check its permissions', { cause: error })
  }
}

function cut<T>(kind: ObjectKind<T>, objects: ForeignObjects<T>, maxPoints?: number): ForeignObjects<T> {
  if (maxPoints === undefined || !kind.take) return objects
  const { take } = kind
  async function* read(from: number, to: number, signal?: AbortSignal): AsyncGenerator<T> {
    for await (const object of objects.read(from, to, signal)) yield take(object, maxPoints ?? 0)
  }
  return { ...objects, mostPoints: Math.min(objects.mostPoints, maxPoints), read }
}

/**
 * Opens files and folders of one design: the same parameters, the same shared values. Where one fails, those before it
 * are closed.
 *
 * @throws UsageError for no file, DataError where they do not agree
 */
export async function openAllObjects<T, O extends object>(
  kind: ObjectKind<T, O>,
  paths: string | readonly string[],
  options: OpenOptions & Partial<O> = {},
): Promise<ObjectSource<T>[]> {
  const list = typeof paths === 'string' ? [paths] : paths
  if (list.length === 0)
    throw new UsageError(`expected at least one file of ${kind.noun}`, 'got none', 'name one by --data')
  const sources: ObjectSource<T>[] = []
  try {
    for (const path of list) {
      const source = await openObjects(kind, path, options)
      sources.push(source)
      requireSame(kind, sources[0], source)
    }
    return sources
  } catch (error) {
    closeAll(sources)
    throw error
  }
}

function requireSame<T>(kind: ObjectKind<T>, first: ObjectSource<T>, other: ObjectSource<T>): void {
  const alike = (what: string, of: (source: ObjectSource<T>) => string) => {
    const [wanted, found] = [of(first), of(other)]
    if (wanted === found) return
    throw new DataError(
      `expected the ${what} ${wanted} of ${first.path}`,
      `got ${found} in ${other.path}`,
      'give files of one design',
    )
  }
  alike('parameters', ({ names }) => names.join(', ') || 'none')
  for (const { name, property, text } of kind.shared ?? []) alike(name, ({ attributes }) => text(attributes[property]))
}

export function closeAll(sources: readonly { close(): void }[]): void {
  for (const source of sources) source.close()
}

export interface ReadOptions extends OpenOptions {
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
  options: ReadOptions & Partial<O> = {},
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

/** Padded objects are batched at their full size, so that the largest counts; of others the mean, and what objects weigh. */
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

export function countOf(sources: readonly { readonly count: number }[]): number {
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
function runsOf(rows: ReadOptions['rows'], total: number): [number, number][] {
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

function isList(rows: NonNullable<ReadOptions['rows']>): rows is readonly number[] {
  return Array.isArray(rows)
}
