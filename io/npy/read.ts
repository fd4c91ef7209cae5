import { closeSync, openSync, readSync } from 'node:fs'
import { DataError } from '../../core/index.js'
import { type NumericArray, sizeOf } from '../columns.js'
import { stopIfAborted, yieldToEventLoop } from '../eventLoop.js'
import { itemBytes, type NpyHeader, npyArrays, readNpyHeader, truncated } from './header.js'

/** A slice's default size: the file is never held whole. */
const sliceBytes = 1 << 25

/** All values, row-major whatever the order in the file, with their shape. */
export async function readNpy(
  path: string,
  signal?: AbortSignal,
): Promise<{ shape: readonly number[]; values: NumericArray }> {
  const header = readNpyHeader(path)
  if (header.shape.length === 0) return { shape: [], values: readRange(header, 0, 1) }
  const out = new npyArrays[header.dtype](sizeOf(header.shape))
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
  const rows = options.rows ?? Math.max(1, Math.floor(sliceBytes / Math.max(1, row * itemBytes(header.dtype))))
  const end = Math.min(options.to ?? shape[0], shape[0])
  for (let start = options.from ?? 0; start < end; start += rows) {
    stopIfAborted(options.signal)
    const count = Math.min(rows, end - start)
    const straight = !header.fortranOrder || shape.length === 1
    const values = straight ? readRange(header, start * row, count * row) : readFortranRows(header, start, count)
    yield { start, shape: [count, ...rest], values }
    await yieldToEventLoop()
  }
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
  if (!header.littleEndian && size > 1)
    for (let i = 0; i < bytes.length; i += size) bytes.subarray(i, i + size).reverse()
  return new npyArrays[header.dtype](bytes.buffer)
}

/** Column-major: entry (i, j…) lies at i + n * (j + …), so a range of rows is one run for every other index. */
function readFortranRows(header: NpyHeader, start: number, count: number): NumericArray {
  const [rows, ...rest] = header.shape
  const row = sizeOf(rest)
  const out = new npyArrays[header.dtype](count * row)
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
