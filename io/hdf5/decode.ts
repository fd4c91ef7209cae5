import { DataError } from '../../core/index.js'
import { type Column, type Compound, type NumericArray, type Reference, sizeOf } from '../columns.js'
import type { Hdf5Type } from './types.js'

/** What decoding needs beside the bytes themselves. */
export interface DecodeContext {
  /** The library's memory, where variable-length values lie. */
  readonly heap: Uint8Array
  /** True where every number keeps the byte order of the file (a compound that mixes both). */
  readonly fileOrder: boolean
  resolve(bytes: Uint8Array, target: 'object' | 'region'): Reference | null
}

/** `count` elements that lie `stride` bytes apart, the first at `at`. */
export interface Layout {
  readonly bytes: Uint8Array
  readonly at: number
  readonly stride: number
  readonly count: number
}

/**
 * Bytes as the HDF5 library left them in memory, to columns. Numbers become typed arrays; array types are laid out flat
 * (so a dataset `[n]` of `float32[3]` gives `3 n` values); compounds give one column a member.
 */
export function decode(type: Hdf5Type, layout: Layout, context: DecodeContext): Column {
  switch (type.kind) {
    case 'integer':
    case 'float':
    case 'bitfield':
      return decodeNumbers(type, layout, context.fileOrder && !type.littleEndian)
    case 'enum':
      return decode(type.base, layout, context)
    case 'string':
      return decodeStrings(type, layout, context.heap)
    case 'opaque':
      return each(layout, type.bytes, bytes => bytes)
    case 'reference':
      return each(layout, type.bytes, bytes => context.resolve(bytes, type.target))
    case 'array': {
      const inner = sizeOf(type.shape)
      return decode(type.base, flatten(layout, type.base.bytes, inner), context)
    }
    case 'vlen':
      return each(layout, type.bytes, bytes => decodeVlen(type.base, bytes, context))
    case 'compound': {
      const members: Record<string, Column> = {}
      for (const member of type.members) {
        members[member.name] = decode(member.type, { ...layout, at: layout.at + member.offset }, context)
      }
      return { length: layout.count, members } satisfies Compound
    }
    case 'unsupported':
      throw new DataError(
        'expected numbers, strings, enumerations, references or compounds of them',
        `got ${type.name}`,
        'convert it',
      )
  }
}

/** Elements of `inner` parts each, seen as single parts; gathers them first where they do not lie side by side. */
function flatten(layout: Layout, partBytes: number, inner: number): Layout {
  const size = partBytes * inner
  if (layout.stride === size) return { ...layout, stride: partBytes, count: layout.count * inner }
  return { bytes: gather(layout, size), at: 0, stride: partBytes, count: layout.count * inner }
}

function gather(layout: Layout, size: number): Uint8Array {
  const { bytes, at, stride, count } = layout
  if (stride === size) return bytes.slice(at, at + size * count)
  const out = new Uint8Array(size * count)
  for (let i = 0; i < count; i++) out.set(bytes.subarray(at + i * stride, at + i * stride + size), i * size)
  return out
}

function each<T>(layout: Layout, size: number, make: (bytes: Uint8Array) => T): T[] {
  const { bytes, at, stride, count } = layout
  return Array.from({ length: count }, (_, i) => make(bytes.slice(at + i * stride, at + i * stride + size)))
}

type NumberType = Extract<Hdf5Type, { kind: 'integer' | 'float' | 'bitfield' }>

function decodeNumbers(type: NumberType, layout: Layout, swap: boolean): NumericArray {
  const whole = layout.stride === type.bytes && layout.at === 0 && layout.bytes.byteOffset === 0
  const exact = whole && layout.bytes.buffer.byteLength === type.bytes * layout.count
  const bytes = exact ? layout.bytes : gather(layout, type.bytes)
  if (swap) swapBytes(bytes, type.bytes)
  const buffer = bytes.buffer as ArrayBuffer
  if (type.kind === 'float') {
    if (type.bytes === 8) return new Float64Array(buffer)
    return type.bytes === 4 ? new Float32Array(buffer) : halfToFloat(new Uint16Array(buffer))
  }
  const signed = type.kind === 'integer' && type.signed
  switch (type.bytes) {
    case 1:
      return signed ? new Int8Array(buffer) : new Uint8Array(buffer)
    case 2:
      return signed ? new Int16Array(buffer) : new Uint16Array(buffer)
    case 4:
      return signed ? new Int32Array(buffer) : new Uint32Array(buffer)
    default:
      return signed ? new BigInt64Array(buffer) : new BigUint64Array(buffer)
  }
}

function swapBytes(bytes: Uint8Array, size: number): void {
  for (let i = 0; i < bytes.length; i += size) bytes.subarray(i, i + size).reverse()
}

/** IEEE 754 binary16. */
export function halfToFloat(halves: Uint16Array): Float32Array {
  return Float32Array.from(halves, half => {
    const sign = half & 0x8000 ? -1 : 1
    const exponent = (half >> 10) & 31
    const fraction = half & 1023
    if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
    return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15))
  })
}

const utf8 = new TextDecoder('utf-8')
const latin1 = new TextDecoder('latin1')

/** Text that is declared ASCII but holds more: UTF-8 if it is valid as such, else Latin-1. */
function text(bytes: Uint8Array): string {
  const decoded = utf8.decode(bytes)
  return decoded.includes('�') ? latin1.decode(bytes) : decoded
}

function decodeStrings(type: Extract<Hdf5Type, { kind: 'string' }>, layout: Layout, heap: Uint8Array): string[] {
  return each(layout, type.bytes, bytes => {
    if (type.variable) {
      const pointer = new DataView(bytes.buffer).getUint32(0, true)
      return pointer === 0 ? '' : text(heap.slice(pointer, heap.indexOf(0, pointer)))
    }
    const end = bytes.indexOf(0)
    const decoded = text(end < 0 ? bytes : bytes.subarray(0, end))
    return type.padding === 2 ? decoded.replace(/ +$/, '') : decoded
  })
}

/** The struct hvl_t of 32-bit memory: a length and a pointer. */
function decodeVlen(base: Hdf5Type, bytes: Uint8Array, context: DecodeContext): Column {
  const view = new DataView(bytes.buffer)
  const count = view.getUint32(0, true)
  const pointer = view.getUint32(4, true)
  const inner = context.heap.slice(pointer, pointer + count * base.bytes)
  return decode(base, { bytes: inner, at: 0, stride: base.bytes, count }, context)
}
