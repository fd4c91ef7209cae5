import type { RawMetadata } from './library.js'

/** A type as stored in a file. `bytes` is the size of one element in memory. */
export type Hdf5Type =
  | { readonly kind: 'integer'; readonly bytes: number; readonly signed: boolean; readonly littleEndian: boolean }
  | { readonly kind: 'float'; readonly bytes: number; readonly littleEndian: boolean }
  | { readonly kind: 'bitfield'; readonly bytes: number; readonly littleEndian: boolean }
  | {
      readonly kind: 'string'
      readonly bytes: number
      readonly variable: boolean
      readonly utf8: boolean
      readonly padding: number
    }
  | {
      readonly kind: 'enum'
      readonly bytes: number
      readonly base: Hdf5Type
      readonly members: Readonly<Record<string, number>>
    }
  | { readonly kind: 'opaque'; readonly bytes: number }
  | { readonly kind: 'reference'; readonly bytes: number; readonly target: 'object' | 'region' }
  | { readonly kind: 'array'; readonly bytes: number; readonly base: Hdf5Type; readonly shape: readonly number[] }
  | { readonly kind: 'vlen'; readonly bytes: number; readonly base: Hdf5Type }
  | { readonly kind: 'compound'; readonly bytes: number; readonly members: readonly Hdf5Member[] }
  | { readonly kind: 'unsupported'; readonly bytes: number; readonly name: string }

export interface Hdf5Member {
  readonly name: string
  readonly offset: number
  readonly type: Hdf5Type
}

/** HDF5's own numbering of type classes (H5T_class_t). */
const typeClass = {
  integer: 0,
  float: 1,
  time: 2,
  string: 3,
  bitfield: 4,
  opaque: 5,
  compound: 6,
  reference: 7,
  enum: 8,
  vlen: 9,
  array: 10,
} as const

export function typeOf(raw: RawMetadata): Hdf5Type {
  const { size: bytes, littleEndian, signed } = raw
  switch (raw.type) {
    case typeClass.integer:
      if (![1, 2, 4, 8].includes(bytes)) return { kind: 'unsupported', bytes, name: `integer of ${bytes} bytes` }
      return { kind: 'integer', bytes, signed, littleEndian }
    case typeClass.float:
      if (![2, 4, 8].includes(bytes)) return { kind: 'unsupported', bytes, name: `float of ${bytes} bytes` }
      return { kind: 'float', bytes, littleEndian }
    case typeClass.bitfield:
      if (![1, 2, 4, 8].includes(bytes)) return { kind: 'unsupported', bytes, name: `bit field of ${bytes} bytes` }
      return { kind: 'bitfield', bytes, littleEndian }
    case typeClass.string:
      return { kind: 'string', bytes, variable: raw.vlen, utf8: raw.cset === 1, padding: raw.strpad ?? 0 }
    case typeClass.opaque:
      return { kind: 'opaque', bytes }
    case typeClass.reference:
      return { kind: 'reference', bytes, target: raw.ref_type ?? 'object' }
    case typeClass.enum:
      return {
        kind: 'enum',
        bytes,
        base: { kind: 'integer', bytes, signed, littleEndian },
        members: raw.enum_type?.members ?? {},
      }
    case typeClass.array:
      if (!raw.array_type) break
      return { kind: 'array', bytes, base: typeOf(raw.array_type), shape: raw.array_type.shape ?? [] }
    case typeClass.vlen:
      if (!raw.vlen_type) break
      return { kind: 'vlen', bytes, base: typeOf(raw.vlen_type) }
    case typeClass.compound: {
      const members = raw.compound_type?.members ?? []
      return {
        kind: 'compound',
        bytes,
        members: members.map(m => ({ name: m.name, offset: m.offset, type: typeOf(m) })),
      }
    }
    case typeClass.time:
      return { kind: 'unsupported', bytes, name: 'time' }
  }
  return { kind: 'unsupported', bytes, name: `class ${raw.type}` }
}

/** A short name, as `inspect` prints it: `float32`, `string`, `{x: float64, y: int8[4]}`. */
export function typeName(type: Hdf5Type): string {
  switch (type.kind) {
    case 'integer':
      return `${type.signed ? 'int' : 'uint'}${8 * type.bytes}`
    case 'float':
      return `float${8 * type.bytes}`
    case 'bitfield':
      return `bits${8 * type.bytes}`
    case 'string':
      return type.variable ? 'string' : `string(${type.bytes})`
    case 'enum':
      return isBoolean(type) ? 'bool' : `enum(${Object.keys(type.members).join(' ')})`
    case 'opaque':
      return `opaque(${type.bytes})`
    case 'reference':
      return `reference(${type.target})`
    case 'array':
      return `${typeName(type.base)}[${type.shape.join(',')}]`
    case 'vlen':
      return `${typeName(type.base)}[*]`
    case 'compound':
      return `{${type.members.map(m => `${m.name}: ${typeName(m.type)}`).join(', ')}}`
    case 'unsupported':
      return type.name
  }
}

/** h5py's convention for booleans: an enumeration of exactly FALSE = 0 and TRUE = 1. */
export function isBoolean(type: Hdf5Type): boolean {
  return (
    type.kind === 'enum' &&
    Object.keys(type.members).length === 2 &&
    type.members.FALSE === 0 &&
    type.members.TRUE === 1
  )
}

/** Does reading this type allocate memory inside the library, which must be given back? */
export function holdsHeap(type: Hdf5Type): boolean {
  switch (type.kind) {
    case 'string':
      return type.variable
    case 'vlen':
      return true
    case 'array':
      return holdsHeap(type.base)
    case 'compound':
      return type.members.some(member => holdsHeap(member.type))
    default:
      return false
  }
}

/** The first part of a type that we do not read, or undefined. */
export function unsupportedIn(type: Hdf5Type): string | undefined {
  switch (type.kind) {
    case 'unsupported':
      return type.name
    case 'array':
    case 'vlen':
      return unsupportedIn(type.base)
    case 'compound':
      return type.members.map(member => unsupportedIn(member.type)).find(name => name !== undefined)
    default:
      return undefined
  }
}

/**
 * Does what was read keep the byte order of the file? The library turns big-endian data round when it reads, except
 * where a compound mixes both orders, and except for enumerations, whose order it refuses to change. Text of variable
 * length counts as little-endian, as in the library.
 */
export function keepsFileOrder(type: Hdf5Type): boolean {
  return enumerates(type) || ordersIn(type).size > 1
}

/**
 * A compound that is all big-endian and holds an enumeration: the library turns some of its members and stops at that
 * one.
 */
export function halfTurned(type: Hdf5Type): string | undefined {
  const bigEndian = ordersIn(type).size === 1 && ordersIn(type).has(false)
  return type.kind === 'compound' &&
    bigEndian &&
    type.members.some(member => enumerates(member.type) || (member.type.kind === 'compound' && halfTurned(member.type)))
    ? 'a big-endian compound with an enumeration'
    : undefined
}

function enumerates(type: Hdf5Type): boolean {
  return type.kind === 'enum' || ((type.kind === 'array' || type.kind === 'vlen') && enumerates(type.base))
}

function ordersIn(type: Hdf5Type): Set<boolean> {
  switch (type.kind) {
    case 'integer':
    case 'float':
    case 'bitfield':
      return new Set([type.littleEndian])
    case 'string':
      return new Set(type.variable ? [true] : [])
    case 'enum':
    case 'array':
    case 'vlen':
      return ordersIn(type.base)
    case 'compound':
      return new Set(type.members.flatMap(member => [...ordersIn(member.type)]))
    default:
      return new Set()
  }
}
