import { type Data, DataType, type Field } from 'apache-arrow'
import { DataError } from '../../core/index.js'
import { type Column, type NumericArray, sizeOf } from '../columns.js'
import { halfToFloat } from '../hdf5/decode.js'

/**
 * A column of an Arrow batch as one of ours: numbers, dates and times as typed arrays (times as the whole numbers
 * stored), booleans as 0 and 1, fixed-size lists flat, lists as one column a row, structs as columns side by side,
 * dictionaries looked up.
 *
 * Every buffer is held against the number of rows first: apache-arrow believes what a damaged file says and would
 * answer `undefined`, or loop.
 */
export function columnOf(where: string, data: Data): Column {
  const { type, length } = data
  if (DataType.isNull(type)) return new Float64Array(length).fill(Number.NaN)
  if (DataType.isBool(type)) return bits(where, data.values as Uint8Array, data.offset, length)
  if (DataType.isInt(type) || DataType.isFloat(type) || isTime(type)) return numbers(where, data)
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type))
    return runs(where, data, (data.values as Uint8Array).length, text(data))
  if (DataType.isBinary(type) || DataType.isLargeBinary(type)) {
    const values = data.values as Uint8Array
    return runs(where, data, values.length, (from, to) => values.slice(from, to))
  }
  if (DataType.isFixedSizeBinary(type)) {
    const width = type.byteWidth
    const values = exactly(where, data.values as Uint8Array, width * length)
    return Array.from({ length }, (_, i) => values.slice(i * width, (i + 1) * width))
  }
  if (DataType.isFixedSizeList(type)) {
    const child = childOf(where, data, 0, type.listSize * length)
    return dense(where, columnOf(where, child), child)
  }
  if (DataType.isList(type) || DataType.isLargeList(type)) {
    const child = childOf(where, data, 0, 0)
    const values = dense(where, columnOf(where, child), child)
    const width = sizeOf(rowShape(type.children[0]))
    return runs(where, data, child.length, (from, to) => sliceColumn(values, from * width, to * width))
  }
  if (DataType.isStruct(type)) {
    const names = type.children.map(field => field.name)
    const members = Object.fromEntries(
      names.map((name, i) => [name, columnOf(`${where}.${name}`, childOf(where, data, i, length))]),
    )
    return { length, members }
  }
  if (DataType.isDictionary(type)) return lookUp(where, data)
  throw new DataError(`expected numbers, text or lists of them in ${where}`, `got ${type}`, 'omit that column')
}

/** The shape of one value of a field: `[]` for a number, `[5000, 3]` for a fixed-size list of fixed-size lists. */
export function rowShape(field: Field): number[] {
  return DataType.isFixedSizeList(field.type) ? [field.type.listSize, ...rowShape(field.type.children[0])] : []
}

/** The innermost type of fixed-size lists. */
export function elementType(field: Field): DataType {
  return DataType.isFixedSizeList(field.type) ? elementType(field.type.children[0]) : field.type
}

/** 1 where a row has a value; undefined where all have. */
export function validityOf(where: string, data: Data): Uint8Array | undefined {
  if (DataType.isNull(data.type)) return new Uint8Array(data.length)
  const own = data.nullBitmap === undefined || data.nullBitmap.length === 0 || data.nullCount === 0
  const valid = own ? undefined : bits(where, data.nullBitmap, data.offset, data.length)
  if (!DataType.isDictionary(data.type)) return valid
  // A row is null also where the word it points at is.
  const words =
    data.dictionary?.data.flatMap(piece => [...(validityOf(where, piece) ?? new Uint8Array(piece.length).fill(1))]) ??
    []
  if (!words.includes(0)) return valid
  const indices = exactly(where, data.values as NumericArray, data.length)
  return Uint8Array.from({ length: data.length }, (_, i) => (valid?.[i] === 0 ? 0 : (words[Number(indices[i])] ?? 1)))
}

function isTime(type: DataType): boolean {
  return DataType.isDate(type) || DataType.isTime(type) || DataType.isTimestamp(type) || DataType.isDuration(type)
}

function numbers(where: string, data: Data): NumericArray {
  const stored = data.values as NumericArray
  const values = exactly(where, stored, data.length)
  if (DataType.isFloat(data.type) && data.type.precision === 0) return halfToFloat(values as unknown as Uint16Array)
  return values
}

function exactly<T extends NumericArray>(where: string, values: T, length: number): T {
  if (values.length < length) throw bad(where, `${length} values`, `${values.length}`)
  return values.length === length ? values : (values.subarray(0, length) as T)
}

function bits(where: string, bytes: Uint8Array, offset: number, length: number): Uint8Array {
  if (bytes.length * 8 < offset + length) throw bad(where, `${length} bits`, `${bytes.length * 8}`)
  return Uint8Array.from({ length }, (_, i) => (bytes[(offset + i) >> 3] >> ((offset + i) & 7)) & 1)
}

function runs<T extends Column | string>(
  where: string,
  data: Data,
  limit: number,
  cut: (from: number, to: number) => T,
): T[] {
  const offsets = data.valueOffsets as Int32Array | BigInt64Array
  if (data.length === 0) return []
  if (offsets.length < data.length + 1) throw bad(where, `${data.length + 1} offsets`, `${offsets.length}`)
  let before = Number(offsets[0])
  if (before < 0) throw bad(where, 'offsets from 0', `${before}`)
  return Array.from({ length: data.length }, (_, i) => {
    const after = Number(offsets[i + 1])
    if (!(after >= before && after <= limit))
      throw bad(where, `rising offsets up to ${limit}`, `${after} after ${before}`)
    const run = cut(before, after)
    before = after
    return run
  })
}

const decoder = new TextDecoder()

function text(data: Data): (from: number, to: number) => string {
  const values = data.values as Uint8Array
  return (from, to) => decoder.decode(values.subarray(from, to))
}

function childOf(where: string, data: Data, index: number, wanted: number): Data {
  const child = data.children[index] as Data | undefined
  if (!child || child.length < wanted) throw bad(where, `${wanted} inner values`, `${child?.length ?? 'none'}`)
  if (wanted > 0 && child.length > wanted) return child.slice(0, wanted)
  return child
}

/** Nulls inside lists have no place beside the numbers: NaN for floats, an error for others. */
function dense(where: string, values: Column, child: Data): Column {
  const valid = validityOf(where, child)
  if (!valid?.includes(0)) return values
  if (values instanceof Float32Array || values instanceof Float64Array)
    return values.map((value, i) => (valid[i] ? value : Number.NaN))
  throw bad(where, 'no nulls inside lists of whole numbers or text', 'some', 'fill them before writing')
}

function sliceColumn(values: Column, from: number, to: number): Column {
  if ('members' in values) {
    const members = Object.fromEntries(
      Object.entries(values.members).map(([name, member]) => [name, sliceColumn(member, from, to)]),
    )
    return { length: to - from, members }
  }
  return values.slice(from, to) as Column
}

function lookUp(where: string, data: Data): Column {
  const indices = exactly(where, data.values as NumericArray, data.length)
  const dictionary = data.dictionary
  const pieces = dictionary?.data.map(piece => columnOf(where, piece)) ?? []
  const words = pieces.flatMap(piece =>
    'members' in piece ? [] : Array.from(piece as Iterable<string | number | bigint>),
  )
  const valid = validityOf(where, data)
  const found = Array.from(indices as Iterable<number | bigint>, (index, i) => {
    if (valid && !valid[i]) return typeof words[0] === 'string' ? '' : Number.NaN
    const word = words[Number(index)]
    if (word === undefined) throw bad(where, `indices below ${words.length}`, `${index}`)
    return word
  })
  if (found.every(word => typeof word === 'string')) return found as string[]
  return Float64Array.from(found as (number | bigint)[], Number)
}

function bad(where: string, expected: string, got: string, action = 'write it again, for it is damaged'): DataError {
  return new DataError(`expected ${expected} in ${where}`, `got ${got}`, action)
}
