import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { UsageError, WorkError } from '../../core/index.js'
import { moveIntoPlace, refuseOverwrite, removeQuietly, temporaryBeside, writeError } from '../atomic.js'
import { type NumericArray, sizeOf } from '../columns.js'
import { Appender, bytesOf, type Hdf5Appender } from './appender.js'
import { type DtypeName, dtypeOf, encodeAttribute, metadataOf } from './encode.js'
import { type Hdf5Calls, Hdf5Failure, hdf5Calls } from './library.js'

/**
 * Uncompressed bytes of a chunk where the caller names none: large enough to compress well, small enough to be read for
 * one row.
 */
const chunkBytes = 1 << 18

/** A row this large is a chunk of its own, so that a shuffled reader decompresses nothing in vain. */
const ownChunkBytes = 1 << 14

export type AttributeInput = string | number | bigint | readonly string[] | readonly number[] | NumericArray

export interface DatasetOptions {
  /** Every dataset says its unit; '' where it has none */
  readonly units: string
  readonly attributes?: Readonly<Record<string, AttributeInput>>
  /** gzip level 1 to 9, 0 for none; default 4 */
  readonly gzip?: number
  /** Rows of a chunk; default about 256 KiB, and one for rows of 16 KiB or more */
  readonly chunkRows?: number
}

export interface Hdf5Writer {
  /** Makes a group and its parents */
  group(path: string, attributes?: Readonly<Record<string, AttributeInput>>): void
  attributes(path: string, attributes: Readonly<Record<string, AttributeInput>>): void
  /** A dataset whose whole content is given; `shape` defaults to `[values.length]`, `[]` is a scalar */
  write(
    path: string,
    values: NumericArray | readonly string[],
    options: DatasetOptions & { readonly shape?: readonly number[] },
  ): void
  /** A dataset `[rows, ...rowShape]` that is appended to */
  appendable(path: string, dtype: DtypeName, rowShape: readonly number[], options: DatasetOptions): Hdf5Appender
  /** Writes what is left, syncs, and gives the file its name. Until then nothing lies there. */
  close(): void
  /** Leaves nothing behind. Harmless after `close`. */
  discard(): void
}

export interface CreateOptions {
  readonly attributes?: Readonly<Record<string, AttributeInput>>
  /** Replace an existing file */
  readonly force?: boolean
}

/**
 * A new HDF5 file, written under a temporary name beside `path` and renamed at `close`.
 * @throws UsageError where a file exists and `force` is not set; WorkError where the disk is full
 */
export async function createHdf5(path: string, options: CreateOptions = {}): Promise<Hdf5Writer> {
  refuseOverwrite(path, options.force)
  const calls = await hdf5Calls()
  const temporary = temporaryBeside(path)
  let file: bigint
  try {
    mkdirSync(dirname(path), { recursive: true })
    file = calls.guard(library => library.open(temporary, 2, false, -1, -1))
  } catch (error) {
    removeQuietly(temporary)
    throw error instanceof Hdf5Failure ? failure(path, error) : writeError(path, error)
  }
  const writer = new OpenWriter(path, temporary, calls, file)
  writer.attributes('/', options.attributes ?? {})
  return writer
}

/** Writes with `fill`, closes; on any error nothing is left behind. */
export async function writeHdf5(
  path: string,
  options: CreateOptions,
  fill: (writer: Hdf5Writer) => Promise<void> | void,
): Promise<void> {
  const writer = await createHdf5(path, options)
  try {
    await fill(writer)
    writer.close()
  } finally {
    writer.discard()
  }
}

class OpenWriter implements Hdf5Writer {
  private readonly appenders: Appender[] = []
  private readonly groups = new Set<string>(['/', ''])
  private state: 'open' | 'closed' = 'open'

  constructor(
    private readonly path: string,
    private readonly temporary: string,
    private readonly calls: Hdf5Calls,
    private readonly file: bigint,
  ) {}

  group(path: string, attributes: Readonly<Record<string, AttributeInput>> = {}): void {
    if (!this.groups.has(path)) {
      this.group(parentOf(path))
      this.act(calls => calls.guard(library => library.create_group(this.file, path, false)))
      this.groups.add(path)
    }
    this.attributes(path, attributes)
  }

  attributes(path: string, attributes: Readonly<Record<string, AttributeInput>>): void {
    for (const [name, value] of Object.entries(attributes)) {
      const { strings, bytes, metadata } = encodeAttribute(value)
      this.act(calls => {
        if (strings)
          return calls.guard(library => library.create_vlen_str_attribute(this.file, path, name, strings, metadata))
        return withBytes(calls, bytes, at =>
          calls.guard(library => library.create_attribute(this.file, path, name, at, metadata)),
        )
      })
    }
  }

  write(
    path: string,
    values: NumericArray | readonly string[],
    options: DatasetOptions & { readonly shape?: readonly number[] },
  ): void {
    const full = absolute(path)
    const shape = options.shape ?? [values.length]
    if (sizeOf(shape) !== values.length) {
      throw new UsageError(
        `expected ${sizeOf(shape)} values for ${full} of shape [${shape}]`,
        `got ${values.length}`,
        'correct the shape',
      )
    }
    this.group(parentOf(full))
    if (ArrayBuffer.isView(values)) {
      if (shape.length > 0 && sizeOf(shape) > 0) {
        const rows = Math.min(shape[0], chunkRowsFor(dtypeOf(values), shape.slice(1)))
        const appender = this.appendable(full, dtypeOf(values), shape.slice(1), { chunkRows: rows, ...options })
        appender.append(values)
        return
      }
      const metadata = metadataOf(dtypeOf(values), shape.map(BigInt))
      this.act(calls =>
        withBytes(calls, bytesOf(values), at =>
          calls.guard(library => library.create_dataset(this.file, full, at, metadata)),
        ),
      )
    } else {
      const metadata = metadataOf('string', shape.map(BigInt))
      this.act(calls => calls.guard(library => library.create_vlen_str_dataset(this.file, full, values, metadata)))
    }
    this.attributes(full, { units: options.units, ...options.attributes })
  }

  appendable(path: string, dtype: DtypeName, rowShape: readonly number[], options: DatasetOptions): Hdf5Appender {
    const full = absolute(path)
    this.group(parentOf(full))
    const chunkRows = options.chunkRows ?? chunkRowsFor(dtype, rowShape)
    const gzip = options.gzip ?? 4
    const metadata = {
      ...metadataOf(dtype, [0n, ...rowShape.map(BigInt)]),
      maxshape: [unlimited, ...rowShape.map(BigInt)],
      chunks: [BigInt(chunkRows), ...rowShape.map(size => BigInt(Math.max(size, 1)))],
      compression: gzip > 0 ? 1 : 0,
      compression_opts: gzip > 0 ? [gzip] : [],
    }
    this.act(calls =>
      withBytes(calls, new Uint8Array(0), at =>
        calls.guard(library => library.create_dataset(this.file, full, at, metadata)),
      ),
    )
    this.attributes(full, { units: options.units, ...options.attributes })
    const appender = new Appender(full, { dtype, rowShape, chunkRows }, (start, rows, bytes) => {
      this.act(calls => {
        calls.guard(library => library.resize_dataset(this.file, full, [start + rows, ...rowShape].map(BigInt)))
        const count = [rows, ...rowShape].map(BigInt)
        const offset = [start, ...rowShape.map(() => 0)].map(BigInt)
        const strides = count.map(() => 1n)
        return withBytes(calls, bytes, at =>
          calls.guard(library => library.set_dataset_data(this.file, full, count, offset, strides, at)),
        )
      })
    })
    this.appenders.push(appender)
    return appender
  }

  close(): void {
    for (const appender of this.appenders) appender.flush()
    this.act(calls => {
      calls.guard(library => library.flush(this.file))
      this.state = 'closed'
      calls.guard(library => library.close_file(this.file))
    })
    moveIntoPlace(this.temporary, this.path)
  }

  discard(): void {
    if (this.state === 'closed') return
    this.state = 'closed'
    try {
      this.calls.guard(library => library.close_file(this.file))
    } catch {
      // The file is thrown away: that its last bytes could not be written no longer matters.
    }
    removeQuietly(this.temporary)
  }

  private act(action: (calls: Hdf5Calls) => unknown): void {
    if (this.state === 'closed')
      throw new WorkError(`expected ${this.path} to be open`, 'got a closed writer', 'create it again')
    try {
      action(this.calls)
    } catch (error) {
      this.discard()
      removeQuietly(this.temporary)
      throw error instanceof Hdf5Failure ? failure(this.path, error) : error
    }
  }
}

const unlimited = 18446744073709551615n

function chunkRowsFor(dtype: DtypeName, rowShape: readonly number[]): number {
  const rowBytes = metadataOf(dtype, []).size * sizeOf(rowShape)
  return rowBytes >= ownChunkBytes ? 1 : Math.floor(chunkBytes / Math.max(rowBytes, 1))
}

function withBytes<T>(calls: Hdf5Calls, bytes: Uint8Array, use: (pointer: bigint) => T): T {
  const pointer = calls.library._malloc(Math.max(bytes.length, 1))
  try {
    calls.library.HEAPU8.set(bytes, pointer)
    return use(BigInt(pointer))
  } finally {
    calls.library._free(pointer)
  }
}

function absolute(path: string): string {
  return path.startsWith('/') ? path : `/${path}`
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'))
}

function failure(path: string, error: Hdf5Failure): Error {
  if (error.diskFull) return writeError(path, { code: 'ENOSPC' })
  return new WorkError(`expected to write ${path}`, `got ${error.message}`, 'check the folder and its permissions', {
    cause: error,
  })
}
