import { closeSync, openSync, readSync, rmSync } from 'node:fs'
import { WorkError } from '../../core/index.js'
import { writeFully } from '../../io/index.js'

/** Rows of float32 in chunks of equal length but the last: in memory, or in a scratch file where they are many. */
export interface RowStore {
  readonly count: number
  readonly width: number
  /** rows a chunk */
  readonly chunkRows: number
  readonly inMemory: boolean
  /** The rows of chunk `chunk`, `[rows, width]`; of a store in memory a view. */
  chunk(chunk: number): Float32Array
  /** Forgets the scratch file. */
  close(): void
}

export interface RowWriter {
  /** `[rows, width]`, which may be overwritten after */
  append(rows: Float32Array): void
  finish(): RowStore
  /** Where the work ends before `finish`. */
  discard(): void
}

const chunkBytes = 4 << 20

/**
 * Collects rows up to `limit` bytes in memory; from there on all go into `scratch`, which is read back a chunk at a
 * time.
 *
 * @param scratch path of a file that is made only where it is needed
 */
export function rowWriter(width: number, limit: number, scratch: string): RowWriter {
  const chunkRows = Math.max(1, Math.floor(chunkBytes / (4 * width)))
  let chunks: Float32Array[] = []
  let [count, held] = [0, 0]
  let pending = new Float32Array(0)
  let file: number | undefined

  const spill = (): void => {
    file ??= openSync(scratch, 'w+')
    for (const chunk of chunks) writeFully(file, new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength))
    chunks = []
    held = 0
  }
  const flush = (rows: Float32Array): void => {
    if (rows.length === 0) return
    chunks.push(rows)
    held += rows.byteLength
    if (held > limit || file !== undefined) spill()
  }
  return {
    append(rows) {
      count += rows.length / width
      const joined = new Float32Array(pending.length + rows.length)
      joined.set(pending)
      joined.set(rows, pending.length)
      let at = 0
      for (; joined.length - at >= chunkRows * width; at += chunkRows * width) {
        flush(joined.slice(at, at + chunkRows * width))
      }
      pending = joined.slice(at)
    },
    finish() {
      flush(pending)
      if (file === undefined) return memoryStore(chunks, { count, width, chunkRows })
      return fileStore(file, scratch, { count, width, chunkRows })
    },
    discard() {
      if (file === undefined) return
      closeSync(file)
      rmSync(scratch, { force: true })
    },
  }
}

type StoredRows = Pick<RowStore, 'count' | 'width' | 'chunkRows'>

function memoryStore(chunks: readonly Float32Array[], rows: StoredRows): RowStore {
  return { ...rows, inMemory: true, chunk: chunk => chunks[chunk], close: () => undefined }
}

function fileStore(file: number, scratch: string, { count, width, chunkRows }: StoredRows): RowStore {
  return {
    count,
    width,
    chunkRows,
    inMemory: false,
    chunk(chunk) {
      const rows = Math.min(chunkRows, count - chunk * chunkRows)
      const values = new Float32Array(rows * width)
      const bytes = new Uint8Array(values.buffer)
      for (let at = 0; at < bytes.length; ) {
        const got = readSync(file, bytes, at, bytes.length - at, chunk * chunkRows * width * 4 + at)
        if (got === 0)
          throw new WorkError(
            `expected ${count} rows in ${scratch}`,
            'got fewer',
            'run again; nothing else may write there',
          )
        at += got
      }
      return values
    },
    close() {
      closeSync(file)
      rmSync(scratch, { force: true })
    },
  }
}
