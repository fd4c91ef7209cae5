import { DataError } from '../../core/index.js'
import type { TableColumn } from '../table/index.js'
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
    const value = propertyOf(object, column.property)
    if (column.shape === 'point') return value !== undefined || !column.optional
    names[column.name] = namesOf(object, column)
    return names[column.name].length > 0 || !column.optional
  })
  const shared = (kind.shared ?? []).map(({ property }) => [property, propertyOf(object, property)] as const)
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
    const value = propertyOf(object, column.property)
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
    const [wanted, got] = [text(design.shared[property]), text(propertyOf(object, property))]
    if (wanted !== got) throw new DataError(`expected the ${title} ${wanted} in ${where}`, `got ${got}`, oneFile)
  }
}

const oneFile = 'write one file a design'

export function pointsOf<T>(kind: ObjectKind<T>, object: T): number {
  return kind.points ? Number(propertyOf(object, kind.points.count)) : 0
}

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

function namesOf(object: unknown, { property, names }: ObjectColumn): readonly string[] {
  if (names === undefined) return Object.keys(propertyOf(object, property) ?? {})
  const found = propertyOf(object, names)
  return Array.isArray(found) ? found.map(String) : []
}

/** The numbers of a column, none where the property is absent. */
export function numbersOf({ name }: ObjectColumn, value: unknown): Float32Array | Float64Array {
  if (value instanceof Float32Array || value instanceof Float64Array) return value
  if (value === undefined) return new Float32Array(0)
  throw new DataError(`expected a Float32Array or a Float64Array of ${name}`, `got ${typeof value}`, 'convert it')
}

export function propertyOf(object: unknown, property: string): unknown {
  return typeof object === 'object' && object !== null ? Reflect.get(object, property) : undefined
}
