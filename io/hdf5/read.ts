import { DataError } from '../../core/index.js'
import { type Column, type Reference, sizeOf } from '../columns.js'
import { type DecodeContext, decode } from './decode.js'
import { type Hdf5Calls, Hdf5Failure } from './library.js'
import { type Hdf5Type, halfTurned, holdsHeap, keepsFileOrder, typeOf, unsupportedIn } from './types.js'

/** Bytes of one read through the library. Its memory never shrinks again, so this bounds what a process holds. */
export const blockBytes = 1 << 25

/** A box of elements: from `offset`, `count` along each axis. */
export interface Region {
  readonly offset: readonly number[]
  readonly count: readonly number[]
}

/** What is read: a dataset, or an attribute of an object. */
export interface Source {
  readonly calls: Hdf5Calls
  readonly file: bigint
  readonly path: string
  readonly attribute?: string
}

/** Reads one block. `region` undefined means all (attributes, scalars). */
export function readBlock(source: Source, type: Hdf5Type, elements: number, region?: Region): Column {
  const missing = unsupportedIn(type) ?? halfTurned(type)
  if (missing) {
    const name = source.attribute ? `attribute ${source.attribute} of ${source.path}` : source.path
    throw new DataError(`expected a type that can be read at ${name}`, `got ${missing}`, 'omit it or convert it')
  }
  const { calls, file, path, attribute } = source
  const bytes = type.bytes * elements
  const pointer = calls.library._malloc(Math.max(bytes, 1))
  if (pointer === 0)
    throw new DataError(`expected ${path} to fit into memory`, `got a block of ${bytes} bytes`, 'read it by slices')
  const address = BigInt(pointer)
  const count = region?.count.map(BigInt)
  try {
    // A failed read of variable-length data must find null pointers, not what lay here before.
    calls.library.HEAPU8.fill(0, pointer, pointer + bytes)
    calls.attempt(library =>
      attribute === undefined
        ? library.get_dataset_data(
            file,
            path,
            count ?? null,
            region?.offset.map(BigInt) ?? null,
            count?.map(() => 1n) ?? null,
            address,
          )
        : library.get_attribute_data(file, path, attribute, address),
    )
    const heap = calls.library.HEAPU8
    const layout = { bytes: heap.slice(pointer, pointer + bytes), at: 0, stride: type.bytes, count: elements }
    const fileOrder = keepsFileOrder(type)
    return decode(type, layout, { heap, fileOrder, resolve: (bytes, target) => resolve(source, bytes, target) })
  } finally {
    if (holdsHeap(type)) reclaim(source, address, count)
    calls.library._free(pointer)
  }
}

/** Gives back what the library allocated for variable-length data in a block. */
function reclaim({ calls, file, path, attribute = '' }: Source, address: bigint, count?: bigint[]): void {
  if (count && count.length > 0) calls.library.reclaim_vlen_memory_count(file, path, attribute, address, count)
  else calls.library.reclaim_vlen_memory(file, path, attribute, address)
}

/** A reference followed: null where it points nowhere. */
function resolve(source: Source, bytes: Uint8Array, target: 'object' | 'region'): Reference | null {
  if (bytes.every(byte => byte === 0)) return null
  const { calls, file } = source
  const path = nameOf(calls, file, bytes, target)
  if (path === null) return null
  if (target === 'object') return { path }
  const raw = calls.attempt(library => library.get_region_metadata(file, bytes))
  const type = typeOf(raw)
  const elements = raw.total_size ?? sizeOf(raw.shape ?? [])
  const pointer = calls.library._malloc(Math.max(type.bytes * elements, 1))
  try {
    calls.library.HEAPU8.fill(0, pointer, pointer + type.bytes * elements)
    calls.attempt(library => library.get_region_data(file, bytes, BigInt(pointer)))
    const heap = calls.library.HEAPU8
    const layout = {
      bytes: heap.slice(pointer, pointer + type.bytes * elements),
      at: 0,
      stride: type.bytes,
      count: elements,
    }
    const context: DecodeContext = { heap, fileOrder: keepsFileOrder(type), resolve: () => null }
    return { path, region: { shape: raw.shape ?? null, values: decode(type, layout, context) } }
  } finally {
    calls.library._free(pointer)
  }
}

function nameOf(calls: Hdf5Calls, file: bigint, bytes: Uint8Array, target: 'object' | 'region'): string | null {
  try {
    return calls.guard(library => library.get_referenced_name(file, bytes, target === 'object'))
  } catch (error) {
    if (error instanceof Hdf5Failure) return null
    throw error
  }
}
