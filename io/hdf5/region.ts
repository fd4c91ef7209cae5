import { DataError } from '../../core/index.js'
import { type Column, joinColumns, sizeOf } from '../columns.js'
import { stopIfAborted, yieldToEventLoop } from '../eventLoop.js'
import { blockBytes, type Region, readBlock, type Source } from './read.js'
import { type Hdf5Type, typeName } from './types.js'

/** The largest dataset that `read` gives in one piece; beyond it, `slices` does. */
export const mostReadBytes = 1 << 30

interface Stored {
  readonly path: string
  readonly type: Hdf5Type
  readonly shape: readonly number[] | null
  readonly chunks: readonly number[] | null
}

/** Runs one read and puts a failure of the library into our words. */
type Translate = <T>(what: string, action: () => T) => T

/**
 * A box of a dataset, read in blocks of at most {@link blockBytes} along the slowest axes that allow it, and the
 * event loop runs between blocks. One large read would be simpler, but h5wasm has given slices of more than 100
 * million values as zeros.
 */
export async function readRegion(
  source: Source,
  dataset: Stored,
  wanted: Partial<Region> = {},
  { translate, signal }: { readonly translate: Translate; readonly signal?: AbortSignal },
): Promise<Column> {
  const { path, type, shape, chunks } = dataset
  const what = `${typeName(type)} values at ${path}`
  if (shape === null) return []
  if (shape.length === 0) return translate(what, () => readBlock(source, type, 1))
  const region = boxIn(path, shape, wanted)
  const bytes = type.bytes * sizeOf(region.count)
  if (bytes > mostReadBytes) {
    const got = `got ${Math.ceil(bytes / 2 ** 20)} MiB`
    throw new DataError(
      `expected at most ${mostReadBytes / 2 ** 20} MiB at once from ${path}`,
      got,
      'read it by slices',
    )
  }
  if (bytes === 0) return translate(what, () => readBlock(source, type, 0, region))
  const pieces: Column[] = []
  for (const block of blocksOf(region, type.bytes, chunks)) {
    stopIfAborted(signal)
    pieces.push(translate(what, () => readBlock(source, type, sizeOf(block.count), block)))
    await yieldToEventLoop()
  }
  return joinColumns(pieces)
}

/** Boxes that follow each other in row-major order and each fit a block. */
export function* blocksOf(
  region: Region,
  elementBytes: number,
  chunks: readonly number[] | null,
  axis = 0,
): Generator<Region> {
  const { offset, count } = region
  const indexBytes = elementBytes * sizeOf(count.slice(axis + 1))
  const whole = indexBytes > blockBytes && axis + 1 < count.length
  const step = whole ? 1 : rowsPerBlock(indexBytes, chunks?.[axis])
  for (let at = 0; at < count[axis]; at += step) {
    const block = {
      offset: offset.with(axis, offset[axis] + at),
      count: count.with(axis, Math.min(step, count[axis] - at)),
    }
    if (whole) yield* blocksOf(block, elementBytes, chunks, axis + 1)
    else yield block
  }
}

/** Rows that fit a block, whole chunks where they fit: a chunk cut in two is decompressed twice. */
export function rowsPerBlock(rowBytes: number, chunkRows = 1, bytes = blockBytes): number {
  const fit = Math.max(1, Math.floor(bytes / Math.max(rowBytes, 1)))
  return fit > chunkRows ? fit - (fit % chunkRows) : fit
}

function boxIn(path: string, shape: readonly number[], wanted: Partial<Region>): Region {
  const offset = shape.map((_, axis) => wanted.offset?.[axis] ?? 0)
  const count = shape.map((size, axis) => wanted.count?.[axis] ?? size - offset[axis])
  if (shape.some((size, axis) => offset[axis] < 0 || count[axis] < 0 || offset[axis] + count[axis] > size)) {
    throw new DataError(`expected a region inside [${shape}] of ${path}`, `got ${count} from ${offset}`, 'ask for less')
  }
  return { offset, count }
}
