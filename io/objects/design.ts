import { DataError } from '../../core/index.js'
import { isNumeric, type NumericArray, toFloat32, toFloat64 } from '../columns.js'
import { isRagged, type TableBatch, type TableColumn, type TableValues } from '../table/index.js'
import type { ObjectColumn, ObjectKind } from './kind.js'

/** What all objects of a file have alike. */
export interface Design {
  /** The declared columns that are there */
  readonly columns: readonly ObjectColumn[]
  /** Names of the entries of each row column */
  readonly names: Readonly<Record<string, readonly string[]>>
  /** Shared values by property */
  readonly shared: Readonly<Record<string, unknown>>
}

/** The design of a file that begins with this object. */
export function designOf<T>(kind: ObjectKind<T>, object: T): Design {
  const names: Record<string, readonly string[]> = {}
  const columns = kind.columns.filter(column => {
    const value = valueOf(object, column.property)
    if (column.shape === 'point') return value !== undefined || !column.optional
    names[column.name] = namesOf(object, column)
    return names[column.name].length > 0 || !column.optional
  })
  const shared = (kind.shared ?? []).map(({ property }) => [property, valueOf(object, property)] as const)
  return { columns, names, shared: Object.fromEntries(shared) }
}

/**
 * An object must be of the design that its file began with.
 *
 * @param where the object and the file, for the error
 * @throws DataError that says what differs
 */
export function requireDesign<T>(kind: ObjectKind<T>, design: Design, object: T, where: string): void {
  const points = pointsOf(kind, object)
  for (const column of kind.columns) {
    const value = valueOf(object, column.property)
    const there = design.columns.includes(column)
    if (column.shape === 'row') {
      const [wanted, found] = [there ? design.names[column.name] : [], namesOf(object, column)]
      // A record may hold its entries in any order; a list is told apart by its names.
      const missing = column.names === undefined ? wanted.find(name => !found.includes(name)) : undefined
      const same = column.names === undefined || wanted.join() === found.join()
      if (missing === undefined && same) continue
      const got = missing === undefined ? found.join(' ') || 'none' : `no ${missing}`
      throw new DataError(`expected ${column.name} ${wanted.join(' ')} in ${where}`, `got ${got}`, oneFile)
    }
    if (there !== (value !== undefined)) {
      const [expected, got] = there ? [column.name, 'none'] : [`no ${column.name}`, 'some']
      throw new DataError(
        `expected ${expected}, as in the first, in ${where}`,
        `got ${got}`,
        'give it for all or for none',
      )
    }
    const length = numbersOf(column, value).length / (column.width ?? 1)
    if (there && length !== points) {
      throw new DataError(`expected ${points} rows in ${column.name} of ${where}`, `got ${length}`, 'correct it')
    }
  }
  for (const { property, title, text } of kind.shared ?? []) {
    const [wanted, got] = [text(design.shared[property]), text(valueOf(object, property))]
    if (wanted !== got) throw new DataError(`expected the ${title} ${wanted} in ${where}`, `got ${got}`, oneFile)
  }
}

const oneFile = 'write one file a design'

export function pointsOf<T>(kind: ObjectKind<T>, object: T): number {
  return kind.points ? Number(valueOf(object, kind.points.count)) : 0
}

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
      const own = valueOf(object, column.property)
      const numbers =
        column.shape === 'row' && column.names === undefined
          ? names.map(name => Number(valueOf(own, name)))
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

const maskColumn: ObjectColumn = { name: 'mask', property: '', shape: 'point', dtype: 'f4', units: '' }

/** The columns of a file of this design, padded to `points` where its layout is. */
export function tableColumns<T>(kind: ObjectKind<T>, design: Design, points: number): TableColumn[] {
  const padded = kind.points?.layout === 'padded'
  const pad = padded ? [points] : []
  const columns = design.columns.map(({ name, shape, width, dtype, units }): TableColumn => {
    if (shape === 'point') {
      const rowShape = [...pad, ...(width === undefined ? [] : [width])]
      return { name, dtype, rowShape, ragged: !padded, units, attributes: {}, ...(padded && { chunkRows: 1 }) }
    }
    const names = design.names[name]
    const { chunkRows } = kind
    return { name, dtype, rowShape: [names.length], ragged: false, units, attributes: { names: [...names] }, chunkRows }
  })
  if (!padded) return columns
  const mask = { name: 'mask', dtype: 'u1', rowShape: pad, ragged: false, units: '', attributes: {} } as const
  return [...columns, { ...mask, chunkRows: 1 }]
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

function namesOf(object: unknown, { property, names }: ObjectColumn): readonly string[] {
  if (names === undefined) return Object.keys(valueOf(object, property) ?? {})
  const found = valueOf(object, names)
  return Array.isArray(found) ? found.map(String) : []
}

function numbersOf({ name }: ObjectColumn, value: unknown): Float32Array | Float64Array {
  if (value instanceof Float32Array || value instanceof Float64Array) return value
  if (value === undefined) return new Float32Array(0)
  throw new DataError(`expected a Float32Array or a Float64Array of ${name}`, `got ${typeof value}`, 'convert it')
}

function valueOf(object: unknown, property: string): unknown {
  return typeof object === 'object' && object !== null ? Reflect.get(object, property) : undefined
}
