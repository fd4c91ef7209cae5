import { type Column, type Compound, isNumeric, type NumericArray, type Reference, sizeOf } from '../columns.js'
import type { Hdf5Type } from './types.js'

/** What JSON can say of a value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

/**
 * A column as nested lists by its shape, ready for JSON: compounds as lists of their members in order (as hdf5-json
 * writes them), enumerations as whole numbers, references as paths, opaque bytes in hexadecimal, NaN and infinities as
 * text, 64-bit integers beyond 2^53 as text.
 */
export function nestedJson(type: Hdf5Type, column: Column, shape: readonly number[]): Json {
  const flat = elements(type, column)
  return shape.length === 0 ? (flat[0] ?? null) : reshape(flat, shape)
}

function scalarJson(value: string | number | bigint): Json {
  return typeof value === 'string' ? value : numberJson(value)
}

export function numberJson(value: number | bigint): Json {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  return Number.isFinite(value) ? value : String(value)
}

function elements(type: Hdf5Type, column: Column): Json[] {
  switch (type.kind) {
    case 'compound': {
      const { members, length } = column as Compound
      const columns = type.members.map(member => elements(member.type, members[member.name]))
      return Array.from({ length }, (_, i) => columns.map(values => values[i]))
    }
    case 'array': {
      const flat = elements(type.base, column)
      const size = sizeOf(type.shape)
      return Array.from({ length: size === 0 ? 0 : flat.length / size }, (_, i) =>
        reshape(flat.slice(i * size, (i + 1) * size), type.shape),
      )
    }
    case 'vlen':
      return (column as readonly Column[]).map(inner => elements(type.base, inner))
    case 'opaque':
      return (column as readonly Uint8Array[]).map(bytes => Buffer.from(bytes).toString('hex'))
    case 'reference':
      return (column as readonly (Reference | null)[]).map(referenceJson)
    default:
      return isNumeric(column)
        ? numbersJson(column)
        : Array.from(column as readonly (string | number | bigint)[], scalarJson)
  }
}

function numbersJson(values: NumericArray): Json[] {
  return Array.from(values as Iterable<number | bigint>, numberJson)
}

function referenceJson(reference: Reference | null): Json {
  if (reference === null) return null
  if (!reference.region) return reference.path
  const { shape, values } = reference.region
  return { path: reference.path, shape, values: isNumeric(values) ? numbersJson(values) : null }
}

function reshape(flat: readonly Json[], shape: readonly number[]): Json[] {
  if (shape.length <= 1) return [...flat]
  const step = sizeOf(shape.slice(1))
  return Array.from({ length: shape[0] }, (_, i) => reshape(flat.slice(i * step, (i + 1) * step), shape.slice(1)))
}
