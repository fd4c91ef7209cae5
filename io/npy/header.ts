import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { DataError } from '../../core/index.js'
import { sizeOf } from '../columns.js'

/** What the header of a NumPy file says. `bytes` is the size of one value. */
export interface NpyHeader {
  readonly path: string
  readonly shape: readonly number[]
  /** NumPy's name without the byte order: f4 f8 i1 i2 i4 i8 u1 u2 u4 u8 b1 */
  readonly dtype: NpyDtype
  readonly littleEndian: boolean
  readonly fortranOrder: boolean
  readonly dataAt: number
}

export const npyArrays = {
  f4: Float32Array,
  f8: Float64Array,
  i1: Int8Array,
  i2: Int16Array,
  i4: Int32Array,
  i8: BigInt64Array,
  u1: Uint8Array,
  u2: Uint16Array,
  u4: Uint32Array,
  u8: BigUint64Array,
  b1: Uint8Array,
} as const

export type NpyDtype = keyof typeof npyArrays

/**
 * Reads the header of a `.npy` file, versions 1 to 3 (NEP 1).
 * @throws DataError where it is no NPY file, is cut short, or holds Python objects or records
 */
export function readNpyHeader(path: string): NpyHeader {
  const size = sizeOfFile(path)
  const descriptor = openSync(path, 'r')
  try {
    const start = Buffer.alloc(12)
    const got = readSync(descriptor, start, 0, 12, 0)
    if (got < 10 || !start.subarray(0, 6).equals(magic)) {
      throw new DataError(`expected a NumPy file at ${path}`, 'got another format', 'check the file')
    }
    const wide = start[6] >= 2
    const length = wide ? start.readUInt32LE(8) : start.readUInt16LE(8)
    const headerAt = wide ? 12 : 10
    if (headerAt + length > size) throw truncated(path, `a header of ${length} bytes`, size)
    const header = Buffer.alloc(length)
    readSync(descriptor, header, 0, length, headerAt)
    const parsed = parseHeader(path, header.toString(start[6] >= 3 ? 'utf8' : 'latin1'))
    const dataAt = headerAt + length
    const wanted = sizeOf(parsed.shape) * itemBytes(parsed.dtype)
    if (dataAt + wanted > size)
      throw truncated(path, `${wanted} bytes of values for shape [${parsed.shape}]`, size - dataAt)
    return { path, ...parsed, dataAt }
  } finally {
    closeSync(descriptor)
  }
}

/** The bytes before the values. */
export function npyHeader(dtype: NpyDtype, shape: readonly number[]): Uint8Array {
  const order = dtype?.endsWith('1') ? '|' : '<'
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`
  const text = `{'descr': '${order}${dtype}', 'fortran_order': False, 'shape': ${tuple}, }`
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10
  const out = Buffer.alloc(10 + length, ' ')
  magic.copy(out)
  out[6] = 1
  out[7] = 0
  out.writeUInt16LE(length, 8)
  out.write(text, 10, 'latin1')
  out[out.length - 1] = 10
  return out
}

const magic = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59])

export function itemBytes(dtype: NpyDtype): number {
  return npyArrays[dtype].BYTES_PER_ELEMENT
}

function sizeOfFile(path: string): number {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found?.isFile())
    throw new DataError(`expected a NumPy file at ${path}`, found ? 'got a folder' : 'got no file', 'check the path')
  return found.size
}

export function truncated(path: string, wanted: string, left: number): DataError {
  return new DataError(
    `expected ${wanted} in ${path}`,
    `got ${left} bytes: the file is cut short`,
    'fetch or write it again',
  )
}

/** The header is a Python literal: a dict of exactly three keys. */
function parseHeader(path: string, text: string): Omit<NpyHeader, 'path' | 'dataAt'> {
  const descr = /'descr'\s*:\s*'([<>|=])([a-zA-Z]\d+)'/.exec(text)
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text)
  const shape = /'shape'\s*:\s*\(([^)]*)\)/.exec(text)
  if (!order || !shape || !descr || !(descr[2] in npyArrays)) {
    const got = /'descr'\s*:\s*([^,]*)/.exec(text)?.[1] ?? 'an unreadable header'
    throw new DataError(
      `expected numbers (${Object.keys(npyArrays).join(' ')}) in ${path}`,
      `got ${got}`,
      'save it as plain numbers',
    )
  }
  const sizes = shape[1]
    .split(',')
    .map(part => part.trim().replace(/L$/, ''))
    .filter(part => part !== '')
    .map(Number)
  if (sizes.some(size => !Number.isSafeInteger(size) || size < 0)) {
    throw new DataError(`expected a shape of whole numbers in ${path}`, `got (${shape[1]})`, 'check the file')
  }
  return {
    shape: sizes,
    dtype: descr[2] as NpyDtype,
    littleEndian: descr[1] !== '>',
    fortranOrder: order[1] === 'True',
  }
}
