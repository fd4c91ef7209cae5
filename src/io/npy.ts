import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { DataError, UsageError } from '../core/index.js'
import {
  moveIntoPlace,
  refuseOverwrite,
  removeQuietly,
  temporaryBeside,
  writeAtomic,
  writeError,
  writeFully,
} from './atomic.js'
import { type NumericArray, sizeOf } from './columns.js'
import { stopIfAborted, turn } from './turn.js'

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

const DTYPES = {
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

export type NpyDtype = keyof typeof DTYPES

/** A slice's default size: the file is never held whole. */
const SLICE_BYTES = 1 << 25

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
    if (got < 10 || !start.subarray(0, 6).equals(MAGIC)) {
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
    if (dataAt + wanted > size) throw truncated(path, `${wanted} bytes of values for shape [${parsed.shape}]`, size - dataAt)
    return { path, ...parsed, dataAt }
  } finally {
    closeSync(descriptor)
  }
}

/** All values, row-major whatever the order in the file, with their shape. */
export async function readNpy(
  path: string,
  signal?: AbortSignal,
): Promise<{ shape: readonly number[]; values: NumericArray }> {
  const header = readNpyHeader(path)
  if (header.shape.length === 0) return { shape: [], values: readRange(header, 0, 1) }
  const out = new DTYPES[header.dtype](sizeOf(header.shape))
  const row = sizeOf(header.shape.slice(1))
  for await (const { start, values } of npySlices(path, { signal }))
    out.set(values as Float64Array & BigInt64Array, start * row)
  return { shape: header.shape, values: out }
}

export interface NpySlice {
  readonly start: number
  readonly shape: readonly number[]
  readonly values: NumericArray
}

/** Rows of the first axis, a bounded slice at a time. Fortran order is turned to row-major slice by slice. */
export async function* npySlices(
  path: string,
  options: { readonly rows?: number; readonly from?: number; readonly to?: number; readonly signal?: AbortSignal } = {},
): AsyncGenerator<NpySlice> {
  const header = readNpyHeader(path)
  const { shape } = header
  if (shape.length === 0) throw new DataError(`expected rows in ${path}`, 'got a single number', 'read it whole')
  const rest = shape.slice(1)
  const row = sizeOf(rest)
  const rows = options.rows ?? Math.max(1, Math.floor(SLICE_BYTES / Math.max(1, row * itemBytes(header.dtype))))
  const end = Math.min(options.to ?? shape[0], shape[0])
  for (let start = options.from ?? 0; start < end; start += rows) {
    stopIfAborted(options.signal)
    const count = Math.min(rows, end - start)
    const straight = !header.fortranOrder || shape.length === 1
    const values = straight ? readRange(header, start * row, count * row) : readFortranRows(header, start, count)
    yield { start, shape: [count, ...rest], values }
    await turn()
  }
}

/** Writes version 1.0, C order, aligned to 64 bytes as NumPy does: the same values give the same bytes. */
export function writeNpy(path: string, values: NumericArray, shape: readonly number[] = [values.length]): void {
  if (sizeOf(shape) !== values.length) {
    throw new UsageError(`expected ${sizeOf(shape)} values for shape [${shape}]`, `got ${values.length}`, 'mend the shape')
  }
  const dtype = (Object.keys(DTYPES) as NpyDtype[]).find(name => values instanceof DTYPES[name])!
  const header = npyHeader(dtype, shape)
  writeAtomic(path, [header, new Uint8Array(values.buffer, values.byteOffset, values.byteLength)])
}

export interface NpyWriter {
  /** Values of the announced type, in row-major order */
  append(values: NumericArray): void
  close(): void
  discard(): void
}

/** A NumPy file whose shape is known and whose values come piece by piece; it appears at `path` with `close`. */
export function createNpy(path: string, dtype: Exclude<NpyDtype, 'b1'>, shape: readonly number[], force = false): NpyWriter {
  refuseOverwrite(path, force)
  const temporary = temporaryBeside(path)
  let left = sizeOf(shape)
  let descriptor: number | undefined
  const discard = (): void => {
    if (descriptor === undefined) return
    closeSync(descriptor)
    descriptor = undefined
    removeQuietly(temporary)
  }
  const write = (bytes: Uint8Array): void => {
    try {
      descriptor ??= openSync(temporary, 'wx')
      writeFully(descriptor, bytes)
    } catch (error) {
      discard()
      throw writeError(path, error)
    }
  }
  write(npyHeader(dtype, shape))
  return {
    append(values) {
      if (!(values instanceof DTYPES[dtype]) || values.length > left) {
        throw new UsageError(
          `expected at most ${left} more values of ${dtype} for ${path}`,
          `got ${values.length}`,
          'mend the shape',
        )
      }
      write(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
      left -= values.length
    },
    close() {
      if (left !== 0) {
        discard()
        throw new UsageError(`expected ${sizeOf(shape)} values for ${path}`, `got ${left} fewer`, 'mend the shape')
      }
      if (descriptor !== undefined) closeSync(descriptor)
      descriptor = undefined
      moveIntoPlace(temporary, path)
    },
    discard,
  }
}

/** The bytes before the values. */
export function npyHeader(dtype: NpyDtype, shape: readonly number[]): Uint8Array {
  const order = dtype?.endsWith('1') ? '|' : '<'
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`
  const text = `{'descr': '${order}${dtype}', 'fortran_order': False, 'shape': ${tuple}, }`
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10
  const out = Buffer.alloc(10 + length, ' ')
  MAGIC.copy(out)
  out[6] = 1
  out[7] = 0
  out.writeUInt16LE(length, 8)
  out.write(text, 10, 'latin1')
  out[out.length - 1] = 10
  return out
}

const MAGIC = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59])

function itemBytes(dtype: NpyDtype): number {
  return DTYPES[dtype].BYTES_PER_ELEMENT
}

function sizeOfFile(path: string): number {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found?.isFile())
    throw new DataError(`expected a NumPy file at ${path}`, found ? 'got a folder' : 'got no file', 'check the path')
  return found.size
}

function truncated(path: string, wanted: string, left: number): DataError {
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
  if (!order || !shape || !descr || !(descr[2] in DTYPES)) {
    const got = /'descr'\s*:\s*([^,]*)/.exec(text)?.[1] ?? 'an unreadable header'
    throw new DataError(
      `expected numbers (${Object.keys(DTYPES).join(' ')}) in ${path}`,
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
  return { shape: sizes, dtype: descr[2] as NpyDtype, littleEndian: descr[1] !== '>', fortranOrder: order[1] === 'True' }
}

function readRange(header: NpyHeader, first: number, count: number): NumericArray {
  const descriptor = openSync(header.path, 'r')
  try {
    return readAt(descriptor, header, first, count)
  } finally {
    closeSync(descriptor)
  }
}

function readAt(descriptor: number, header: NpyHeader, first: number, count: number): NumericArray {
  const size = itemBytes(header.dtype)
  const bytes = new Uint8Array(count * size)
  for (let at = 0; at < bytes.length; ) {
    const got = readSync(descriptor, bytes, at, Math.min(bytes.length - at, 1 << 30), header.dataAt + first * size + at)
    if (got === 0) throw truncated(header.path, `${bytes.length} bytes`, at)
    at += got
  }
  if (!header.littleEndian && size > 1) for (let i = 0; i < bytes.length; i += size) bytes.subarray(i, i + size).reverse()
  return new DTYPES[header.dtype](bytes.buffer)
}

/** Column-major: entry (i, j…) lies at i + n * (j + …), so a range of rows is one run for every other index. */
function readFortranRows(header: NpyHeader, start: number, count: number): NumericArray {
  const [rows, ...rest] = header.shape
  const row = sizeOf(rest)
  const out = new DTYPES[header.dtype](count * row)
  const descriptor = openSync(header.path, 'r')
  try {
    for (let column = 0; column < row; column++) {
      const values = readAt(descriptor, header, start + rows * column, count)
      const to = rowMajor(column, rest)
      for (let i = 0; i < count; i++) out[i * row + to] = values[i]
    }
  } finally {
    closeSync(descriptor)
  }
  return out
}

/** The row-major place of the entry that is `index`-th in column-major order. */
function rowMajor(index: number, shape: readonly number[]): number {
  let left = index
  let place = 0
  let stride = sizeOf(shape)
  for (const size of shape) {
    stride /= size
    place += (left % size) * stride
    left = Math.floor(left / size)
  }
  return place
}
