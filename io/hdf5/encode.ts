import type { NumericArray } from '../columns.js'
import type { WriteMetadata } from './library.js'

/** Types we write. Complex types (compounds, ragged strings) are read, not written. */
export type DtypeName = 'i1' | 'u1' | 'i2' | 'u2' | 'i4' | 'u4' | 'i8' | 'u8' | 'f4' | 'f8'

const dtypeArrays: readonly [DtypeName, { readonly name: string }][] = [
  ['i1', Int8Array],
  ['u1', Uint8Array],
  ['i2', Int16Array],
  ['u2', Uint16Array],
  ['i4', Int32Array],
  ['u4', Uint32Array],
  ['i8', BigInt64Array],
  ['u8', BigUint64Array],
  ['f4', Float32Array],
  ['f8', Float64Array],
]

export function dtypeOf(values: NumericArray): DtypeName {
  const found = dtypeArrays.find(([, array]) => array.name === values.constructor.name)
  if (!found) throw new TypeError(`no stored type for ${values.constructor.name}`)
  return found[0]
}

/** What the library wants to know of a type and a shape. Classes: 0 integer, 1 float, 3 string. */
export function metadataOf(dtype: DtypeName | 'string', shape: bigint[]): WriteMetadata {
  const common = { littleEndian: true, shape, maxshape: shape } as const
  if (dtype === 'string') return { ...common, type: 3, size: 4, signed: false, vlen: true, cset: 1 }
  return { ...common, type: dtype[0] === 'f' ? 1 : 0, size: Number(dtype[1]), signed: dtype[0] === 'i', vlen: false }
}

export interface EncodedAttribute {
  readonly strings?: readonly string[]
  readonly bytes: Uint8Array
  readonly metadata: WriteMetadata
}

/** Text, whole numbers as int32 or int64, other numbers as float64, and arrays of them. */
export function encodeAttribute(
  value: string | number | bigint | readonly string[] | readonly number[] | NumericArray,
): EncodedAttribute {
  if (typeof value === 'string') return strings([value], [])
  if (typeof value === 'number' || typeof value === 'bigint') return numbers(numericOf([value]), [])
  if (ArrayBuffer.isView(value)) return numbers(value, [BigInt(value.length)])
  if (typeof value[0] === 'string') return strings(value as readonly string[], [BigInt(value.length)])
  return numbers(numericOf(value as readonly number[]), [BigInt(value.length)])
}

function strings(values: readonly string[], shape: bigint[]): EncodedAttribute {
  return { strings: values, bytes: new Uint8Array(0), metadata: metadataOf('string', shape) }
}

function numbers(values: NumericArray, shape: bigint[]): EncodedAttribute {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  return { bytes, metadata: metadataOf(dtypeOf(values), shape) }
}

function numericOf(values: readonly (number | bigint)[]): NumericArray {
  if (values.every(value => Number.isInteger(value) && Math.abs(Number(value)) < 2 ** 31))
    return Int32Array.from(values as number[])
  const whole = values.every(value => typeof value === 'bigint' || Number.isSafeInteger(value))
  return whole ? BigInt64Array.from(values, value => BigInt(value)) : Float64Array.from(values as number[])
}
