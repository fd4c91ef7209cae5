import { DataError } from '../../core/index.js'
import { isNumeric, type NumericArray, toFloat32, toFloat64 } from '../columns.js'
import { isRagged, type TableBatch, type TableValues } from '../table/index.js'
import { type Design, numbersOf, pointsOf, propertyOf } from './design.js'
import type { ObjectColumn, ObjectKind } from './kind.js'

/** Objects as columns: the points of all one after another. */
export function pack<T>(kind: ObjectKind<T>, design: Design, objects: readonly T[]): TableBatch {
  const offsets = new Float64Array(objects.length + 1)
  objects.forEach((object, i) => {
    offsets[i + 1] = offsets[i] + pointsOf(kind, object)
  })
  const columns = design.columns.map(column => {
    const names = design.names[column.name] ?? []
    const width = column.shape === 'point' ? (column.width ?? 1) : names.length
    const size = column.shape === 'point' ? offsets[objects.length] : objects.length
    const values = new (column.dtype === 'f4' ? Float32Array : Float64Array)(size * width)
    let at = 0
    for (const object of objects) {
      const own = propertyOf(object, column.property)
      const numbers =
        column.shape === 'row' && column.names === undefined
          ? names.map(name => Number(propertyOf(own, name)))
          : numbersOf(column, own)
      values.set(numbers, at)
      at += numbers.length
    }
    return [column.name, column.shape === 'point' ? { values, offsets } : values] as const
  })
  return { start: 0, rows: objects.length, columns: Object.fromEntries(columns) }
}

/**
 * The objects of rows `from` to `to` of a batch, each with arrays of its own; points whose `mask` is 0 are left out.
 *
 * @param where what an error calls a row
 * @throws DataError where columns of one object differ in length
 */
export function* unpack<T>(
  kind: ObjectKind<T>,
  design: Design,
  batch: TableBatch,
  { from, to, where }: { readonly from: number; readonly to: number; readonly where: (row: number) => string },
): Generator<T> {
  const columns = design.columns.map(column => ({ column, ...partsOf(column, batch.columns[column.name], batch.rows) }))
  const mask = batch.columns.mask === undefined ? undefined : partsOf(maskColumn, batch.columns.mask, batch.rows)
  for (let row = from; row < to; row++) {
    const object: Record<string, unknown> = {}
    const kept = mask?.part(row, 1)
    let points: number | undefined
    for (const { column, part } of columns) {
      if (column.shape === 'row') {
        const names = design.names[column.name]
        const own = part(row, names.length)
        if (column.names !== undefined) object[column.names] = names
        object[column.property] =
          column.names === undefined ? Object.fromEntries(names.map((name, i) => [name, own[i]])) : own
        continue
      }
      const width = column.width ?? 1
      const own = masked(part(row, width), kept, width)
      points ??= own.length / width
      if (own.length !== points * width) {
        const expected = `${points} ${column.name}, one a ${kind.points?.one}`
        throw new DataError(
          `expected ${expected}, in ${where(row)}`,
          `got ${own.length / width}`,
          `leave out this ${kind.one}`,
        )
      }
      object[column.property] = own
    }
    for (const { name, property, shape, names } of kind.columns)
      if (shape === 'row' && names === undefined && !(name in design.names)) object[property] = {}
    if (kind.points) object[kind.points.count] = points ?? 0
    yield Object.assign(object, design.shared) as T
  }
}

/** Of padded layouts: 1 where there is a point, 0 where there is padding. */
export const maskColumn: ObjectColumn = {
  name: 'mask',
  property: 'mask',
  shape: 'point',
  dtype: 'f4',
  units: '',
  optional: true,
}

/** Packed columns with every object padded to `points`, and the mask. */
export function padded(design: Design, batch: TableBatch, points: number): TableBatch {
  const columns: Record<string, TableValues> = { ...batch.columns }
  const mask = new Uint8Array(batch.rows * points)
  for (const { name, width = 1 } of design.columns) {
    const column = batch.columns[name]
    if (!isRagged(column)) continue
    const values = new Float32Array(batch.rows * points * width)
    for (let row = 0; row < batch.rows; row++) {
      const [from, to] = [column.offsets[row], column.offsets[row + 1]]
      values.set(toFloat32(column.values).subarray(from * width, to * width), row * points * width)
      mask.fill(1, row * points, row * points + to - from)
    }
    columns[name] = values
  }
  return { ...batch, columns: { ...columns, mask } }
}

interface Parts {
  /** The numbers of a row, a copy; `width` of them an entry */
  part(row: number, width: number): Float32Array | Float64Array
}

function partsOf(column: ObjectColumn, values: TableValues, rows: number): Parts {
  const flat = isRagged(values) ? values.values : values
  const numbers = isNumeric(flat) ? typed(column, flat) : new Float64Array(0)
  const size = numbers.length / rows
  return {
    part: (row, width) =>
      isRagged(values)
        ? numbers.slice(values.offsets[row] * width, values.offsets[row + 1] * width)
        : numbers.slice(row * size, (row + 1) * size),
  }
}

function typed({ dtype }: ObjectColumn, values: NumericArray): Float32Array | Float64Array {
  return dtype === 'f4' ? toFloat32(values) : toFloat64(values)
}

/** Only the points whose mask is set; padding may hold anything. */
function masked<A extends Float32Array | Float64Array>(
  values: A,
  mask: ArrayLike<number> | undefined,
  width: number,
): A {
  if (!mask) return values
  let kept = 0
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] === 0) continue
    if (kept < i) values.copyWithin(kept * width, i * width, (i + 1) * width)
    kept++
  }
  return kept === mask.length ? values : (values.slice(0, kept * width) as A)
}
