import type { NumericArray } from '../columns.js'
import type { Hdf5Type } from './types.js'

/** Integers stored in fewer bits than their size, as the n-bit filter's parameters say. */
export interface PackedBits {
  readonly precision: number
  readonly offset: number
}

const nbitFilter = 5
const atomicClass = 1

/**
 * h5wasm does not report a type's precision, and reads 16 bits at bit 4 of a 32-bit word as that word. The n-bit
 * filter, with which such types are stored, knows it: its parameters are (H5Znbit.c) count, flag, elements, class,
 * size, order, precision, offset.
 *
 * @returns undefined where all bits count; 'unreadable' where a type other than whole numbers is packed
 */
export function packedBits(
  type: Hdf5Type,
  filters: readonly { id: number; cd_values: readonly number[] }[],
): PackedBits | 'unreadable' | undefined {
  const values = filters.find(filter => filter.id === nbitFilter)?.cd_values
  if (!values || values[1] === 1) return undefined
  if (values[3] !== atomicClass || type.kind !== 'integer' || type.bytes > 4) return 'unreadable'
  const [precision, offset] = [values[6], values[7]]
  return precision === 8 * type.bytes && offset === 0 ? undefined : { precision, offset }
}

/** The bits that count, moved to the right and extended by their sign; in place. */
export function unpackBits(values: NumericArray, signed: boolean, { precision, offset }: PackedBits): void {
  const left = 32 - precision - offset
  const right = 32 - precision
  for (let i = 0; i < values.length; i++) {
    const word = Number(values[i]) << left
    values[i] = signed ? word >> right : word >>> right
  }
}
