import { DataError } from '../../core/index.js'
import type { Column } from '../columns.js'
import { sizeOf } from '../columns.js'
import { stopIfAborted } from '../eventLoop.js'
import type { Hdf5File } from './file.js'
import { rowsPerBlock } from './region.js'

/** Rows `start` to `start + shape[0]` of a dataset, flat and row-major. */
export interface Slice {
  readonly start: number
  readonly shape: readonly number[]
  readonly values: Column
}

export interface SliceOptions {
  /** Rows a slice; without it as many as fit into about 32 MiB, whole chunks where possible */
  readonly rows?: number
  readonly from?: number
  readonly to?: number
  readonly signal?: AbortSignal
}

/**
 * A dataset row by row in bounded pieces: memory does not grow with the file. The event loop runs between two slices.
 */
export async function* slices(file: Hdf5File, path: string, options: SliceOptions = {}): AsyncGenerator<Slice> {
  const { shape, type, chunks, read } = file.dataset(path)
  if (shape === null || shape.length === 0) {
    throw new DataError(
      `expected a dataset with rows at ${path} in ${file.path}`,
      'got a scalar or an empty one',
      'read it whole',
    )
  }
  const rest = shape.slice(1)
  const rows = options.rows ?? rowsPerBlock(type.bytes * sizeOf(rest), chunks?.[0])
  const end = Math.min(options.to ?? shape[0], shape[0])
  for (let start = options.from ?? 0; start < end; start += rows) {
    stopIfAborted(options.signal)
    const count = Math.min(rows, end - start)
    const values = await read({ offset: [start], count: [count] }, options.signal)
    yield { start, shape: [count, ...rest], values }
  }
}
