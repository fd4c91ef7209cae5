import { DataError, messageOf } from '../../core/index.js'

/**
 * The HDF5 C library as h5wasm brings it. We call its flat functions, not its classes: they return a status that the
 * classes drop, so a failed read would pass as zeros.
 *
 * The build for Node reads and writes real files through `node:fs` (Emscripten's NODERAWFS): nothing is loaded whole.
 * All calls are synchronous; whoever reads much lets the event loop run between slices.
 */
export interface Hdf5Library {
  readonly HEAPU8: Uint8Array
  _malloc(bytes: number): number
  _free(pointer: number): void
  open(path: string, mode: number, trackOrder: boolean, low: number, high: number): bigint
  close_file(file: bigint): number
  flush(file: bigint): number
  get_type(file: bigint, path: string): number
  get_names(file: bigint, path: string, recursive: boolean): string[]
  get_symbolic_link(file: bigint, path: string): string | null
  get_external_link(file: bigint, path: string): { filename: string; obj_path: string }
  get_attribute_names(file: bigint, path: string): string[]
  get_attribute_metadata(file: bigint, path: string, name: string): RawMetadata
  get_attribute_data(file: bigint, path: string, name: string, pointer: bigint): number
  get_dataset_metadata(file: bigint, path: string): RawMetadata
  get_datatype_metadata(file: bigint, path: string): RawMetadata
  get_dataset_filters(file: bigint, path: string): { id: number; name: string; cd_values: number[] }[]
  get_dataset_data(file: bigint, path: string, count: Extent, offset: Extent, strides: Extent, pointer: bigint): number
  set_dataset_data(file: bigint, path: string, count: Extent, offset: Extent, strides: Extent, pointer: bigint): number
  reclaim_vlen_memory(file: bigint, path: string, attribute: string, pointer: bigint): number
  reclaim_vlen_memory_count(file: bigint, path: string, attribute: string, pointer: bigint, count: bigint[]): number
  create_group(file: bigint, path: string, trackOrder: boolean): number
  create_dataset(file: bigint, path: string, pointer: bigint, metadata: WriteMetadata): number
  create_vlen_str_dataset(file: bigint, path: string, values: readonly string[], metadata: WriteMetadata): number
  create_attribute(file: bigint, path: string, name: string, pointer: bigint, metadata: WriteMetadata): number
  create_vlen_str_attribute(
    file: bigint,
    path: string,
    name: string,
    values: readonly string[],
    metadata: WriteMetadata,
  ): number
  resize_dataset(file: bigint, path: string, shape: bigint[]): number
  get_referenced_name(file: bigint, reference: Uint8Array, isObject: boolean): string | null
  get_region_metadata(file: bigint, reference: Uint8Array): RawMetadata
  get_region_data(file: bigint, reference: Uint8Array, pointer: bigint): number
  readonly FS: RawFileSystem
}

export type Extent = bigint[] | null

/** What h5wasm reports of a type and, for datasets and attributes, of its space. */
export interface RawMetadata {
  readonly type: number
  readonly size: number
  readonly signed: boolean
  readonly littleEndian: boolean
  readonly vlen: boolean
  readonly cset?: number
  readonly strpad?: number
  readonly shape?: number[] | null
  readonly maxshape?: number[] | null
  readonly chunks?: number[] | null
  readonly total_size?: number
  readonly ref_type?: 'object' | 'region'
  readonly array_type?: RawMetadata
  readonly vlen_type?: RawMetadata
  readonly enum_type?: { readonly type: number; readonly members: Record<string, number> }
  readonly compound_type?: {
    readonly members: readonly (RawMetadata & { readonly name: string; readonly offset: number })[]
  }
}

export interface WriteMetadata {
  readonly type: number
  readonly size: number
  readonly signed: boolean
  readonly littleEndian: true
  readonly vlen: boolean
  readonly cset?: number
  readonly shape: bigint[]
  readonly maxshape: bigint[]
  readonly chunks?: bigint[] | null
  readonly compression?: number
  readonly compression_opts?: number[]
}

interface RawFileSystem {
  write(stream: { fd: number }, buffer: Int8Array, offset: number, length: number, position?: number): number
}

interface Session {
  readonly library: Hdf5Library
  /** What the library printed since the last call: its error stack. */
  complaints: string
  /** The system's error number of the last failed write (51 is a full disk in Emscripten's numbering). */
  writeErrno: number
}

let session: Promise<Session> | undefined

/** 4 MB of WebAssembly: loaded when the first file is opened, not when the program starts. */
function loadSession(): Promise<Session> {
  session ??= import('h5wasm/node').then(async module => {
    const library = (await module.ready) as unknown as Hdf5Library
    const loaded: Session = { library, complaints: '', writeErrno: 0 }
    const fs = library.FS
    const write = fs.write.bind(fs)
    const decoder = new TextDecoder()
    // The library prints its error stack to descriptor 2. It belongs into our error, not onto the user's terminal.
    fs.write = (stream, buffer, offset, length, position) => {
      if (stream.fd === 2) {
        loaded.complaints += decoder.decode(new Uint8Array(buffer.buffer, buffer.byteOffset + offset, length).slice())
        return length
      }
      try {
        return write(stream, buffer, offset, length, position)
      } catch (error) {
        loaded.writeErrno = (error as { errno?: number }).errno ?? -1
        throw error
      }
    }
    return loaded
  })
  return session
}

/** Why a call failed: the innermost lines of HDF5's error stack. */
export class Hdf5Failure extends Error {
  constructor(
    readonly complaints: string,
    readonly diskFull: boolean,
  ) {
    super(reasonOf(complaints))
    this.name = 'Hdf5Failure'
  }
}

export interface Hdf5Calls {
  readonly library: Hdf5Library
  /**
   * Runs one call; a negative status, an exception or an error printed by the library becomes an {@link Hdf5Failure}.
   */
  guard<T>(call: (library: Hdf5Library) => T): T
  /** As `guard`, for calls that print errors which do not concern us, and report real ones by their status. */
  attempt<T>(call: (library: Hdf5Library) => T): T
}

export async function hdf5Calls(): Promise<Hdf5Calls> {
  const loaded = await loadSession()
  const { library } = loaded
  const run = <T>(call: (library: Hdf5Library) => T, strict: boolean): T => {
    loaded.complaints = ''
    loaded.writeErrno = 0
    let result: T
    try {
      result = call(library)
    } catch (error) {
      throw new Hdf5Failure(loaded.complaints || messageOf(error), loaded.writeErrno === 51)
    }
    const failed = (typeof result === 'number' || typeof result === 'bigint') && result < 0
    if (failed || loaded.writeErrno !== 0 || (strict && loaded.complaints.includes('HDF5-DIAG'))) {
      throw new Hdf5Failure(loaded.complaints, loaded.writeErrno === 51)
    }
    return result
  }
  return { library, guard: call => run(call, true), attempt: call => run(call, false) }
}

/** An {@link Hdf5Failure} while reading, as bad data; other errors pass. */
export function readError(path: string, what: string, error: unknown): unknown {
  if (!(error instanceof Hdf5Failure)) return error
  return new DataError(
    `expected ${what} in ${path}`,
    `got ${error.message}`,
    'check that the file is whole and not being written',
    {
      cause: error,
    },
  )
}

/** The innermost cause in HDF5's printed stack: `#003: H5Dio.c line 1 in f(): reason`. */
function reasonOf(complaints: string): string {
  const reasons = [...complaints.matchAll(/#\d+: .*?\(\): (.*)/g)].map(match => match[1].trim())
  return reasons.at(-1) ?? (complaints.trim().split('\n')[0] || 'a failure without a reason')
}
