import { statSync } from 'node:fs'
import { extname } from 'node:path'
import { DataError } from '../../core/index.js'
import { openTogether, rowsOfEach } from '../together.js'
import { openArrowDwarfs } from './arrowDwarfs.js'
import type { Dwarf } from './dwarf.js'
import { openHdf5Dwarfs } from './hdf5Dwarfs.js'
import type { DwarfSource, DwarfsDescription } from './source.js'

/**
 * Opens a file of galaxies, by what it is.
 * @throws DataError where it is none we know
 */
export async function openDwarfs(path: string): Promise<DwarfSource> {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found?.isFile()) {
    throw new DataError(`expected galaxies at ${path}`, found ? 'got a folder' : 'got no such file', 'check the path')
  }
  switch (extname(path).toLowerCase()) {
    case '.arrow':
    case '.arrows':
    case '.feather':
      return openArrowDwarfs(path)
    default:
      return openHdf5Dwarfs(path)
  }
}

/** Galaxies of several files, one after the other, slice by slice: memory does not grow with the files. */
export async function* readDwarfs(
  paths: string | readonly string[],
  options: { readonly from?: number; readonly to?: number; readonly signal?: AbortSignal } = {},
): AsyncGenerator<Dwarf> {
  const data = await openDwarfChunks(paths)
  try {
    yield* data.read(options.from ?? 0, options.to ?? data.count, options.signal)
  } finally {
    data.close()
  }
}

/** What the files hold together: they must agree on the names of theta. */
export async function describeDwarfs(paths: string | readonly string[]): Promise<DwarfsDescription> {
  const data = await openDwarfChunks(paths)
  data.close()
  const { count, names, totalStars, maxStars, membership, sources } = data
  return {
    count,
    names,
    totalStars,
    maxStars,
    membership,
    sources: sources.map(source => ({ path: source.path, format: source.format, count: source.count })),
  }
}

/**
 * Galaxies of one or several files, read a chunk at a time in any order (a `ChunkedSource` of pipelines/stream);
 * `close` when done.
 */
export interface DwarfChunks extends Omit<DwarfsDescription, 'sources'> {
  readonly sources: readonly DwarfSource[]
  readonly chunkSize: number
  /** About how large a galaxy is in memory, bytes */
  readonly itemBytes: number
  /** The galaxies of a chunk, in order */
  readChunk(chunk: number, signal?: AbortSignal): Promise<Dwarf[]>
  /** Galaxies `from` to `to`, counted over all files */
  read(from: number, to: number, signal?: AbortSignal): AsyncGenerator<Dwarf>
  close(): void
}

/**
 * Opens files as one source.
 *
 * @param chunkSize  galaxies that are read at once: a few hundred make one read of a compressed chunk serve them all
 * @throws DataError where the files do not go together
 */
export async function openDwarfChunks(paths: string | readonly string[], chunkSize = 256): Promise<DwarfChunks> {
  const design = ({ names }: DwarfSource) => ({ parameters: names.join(', ') || 'none' })
  const sources = await openTogether(paths, openDwarfs, design, 'galaxies')
  const sum = (of: (source: DwarfSource) => number) => sources.reduce((total, source) => total + of(source), 0)
  const count = sum(source => source.count)
  const totalStars = sum(source => source.totalStars)

  async function* read(from: number, to: number, signal?: AbortSignal): AsyncGenerator<Dwarf> {
    for (const { source, begin, end } of rowsOfEach(sources, one => one.count, from, to))
      yield* source.read(begin, end, signal)
  }
  return {
    count,
    names: sources[0].names,
    totalStars,
    maxStars: Math.max(...sources.map(source => source.maxStars)),
    membership: sources.some(source => source.membership),
    sources,
    chunkSize,
    // positions, velocity, error, membership, and what objects weigh
    itemBytes: Math.ceil((20 * totalStars) / count) + 1024,
    close() {
      for (const source of sources) source.close()
    },
    read,
    async readChunk(chunk, signal) {
      const items: Dwarf[] = []
      const from = chunk * chunkSize
      for await (const item of read(from, Math.min(count, from + chunkSize), signal)) items.push(item)
      return items
    },
  }
}
