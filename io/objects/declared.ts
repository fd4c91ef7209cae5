import { DataError } from '../../core/index.js'
import type { TableColumn, TableSource } from '../table/index.js'
import type { Design } from './design.js'
import type { ObjectColumn, ObjectKind, OpenedObjects, OpenObjectsOptions } from './kind.js'
import { maskColumn, unpack } from './pack.js'

/**
 * The objects of a table whose columns lie as the kind declares them. The table is closed with the objects.
 *
 * @throws DataError that names what is missing or of another shape
 */
export async function declaredObjects<T, O extends object>(
  kind: ObjectKind<T, O>,
  table: TableSource,
  options: OpenObjectsOptions & Partial<O>,
): Promise<OpenedObjects<T>> {
  const { path, rows } = table
  const there = (column: ObjectColumn) => requireThere(kind, table, column)
  const wanted = kind.columns.filter(there)
  const mask = kind.points?.layout === 'padded' && there(maskColumn) ? [maskColumn] : []
  if (kind.points?.layout === 'ragged') requireOffsets(kind, table)
  const lead = columnOf(table, kind.columns[0].name)
  const padding = kind.points?.layout === 'padded' ? (lead?.rowShape[0] ?? 0) : 0
  for (const column of [...wanted, ...mask]) requireShape(kind, table, column, padding)
  if (rows === 0) throw new DataError(`expected at least one ${kind.one} in ${path}`, 'got none', 'check the file')
  const names = Object.fromEntries(
    wanted.flatMap(column => (column.shape === 'row' ? [[column.name, namesOf(kind, table, column)]] : [])),
  )
  const shared = Object.fromEntries(
    (kind.shared ?? []).map(({ name, property, title, decode }) => {
      const stored = table.attributes[name] ?? lead?.attributes[name]
      const value = decode(stored, options)
      if (value !== undefined) return [property, value]
      const expected =
        table.format === 'hdf5' ? `the attribute ${title} on ${path}` : `${title} in the metadata of ${path}`
      throw new DataError(`expected ${expected}`, `got ${stored === undefined ? 'none' : String(stored)}`, 'write it')
    }),
  )
  const ragged = kind.points?.layout === 'ragged' ? await table.lengths?.(wanted[0].name) : undefined
  const design: Design = { columns: wanted, names, shared }
  const columns = wanted.map(({ name }) => name)
  const where = (row: number) => `${path}, ${kind.place ?? kind.one} ${row}`

  async function* read(from: number, to: number, signal?: AbortSignal): AsyncGenerator<T> {
    for await (const batch of table.batches(signal, {
      from,
      to,
      columns: [...columns, ...mask.map(({ name }) => name)],
    })) {
      const range = {
        from: Math.max(0, from - batch.start),
        to: Math.min(batch.rows, to - batch.start),
        where: (row: number) => where(batch.start + row),
      }
      let row = batch.start + range.from
      for (const object of unpack(kind, design, batch, range)) yield kind.check?.(where(row++), object) ?? object
    }
  }
  return {
    count: rows,
    names: names.theta ?? [],
    attributes: { ...parsedAttributes(table), ...shared },
    columns,
    mostPoints: ragged?.longest ?? padding,
    totalPoints: ragged?.total ?? rows * padding,
    read,
    close: () => table.close(),
  }
}

function columnOf(table: TableSource, wanted: string): TableColumn | undefined {
  return table.columns.find(({ name }) => name === wanted)
}

/** Whether a column is there at all. @throws DataError where one that has to be is not */
function requireThere<T>(kind: ObjectKind<T>, table: TableSource, column: ObjectColumn): boolean {
  const { name, title, optional } = column
  if (columnOf(table, name) || table.leftOut.includes(name)) return true
  if (optional) return false
  const leading = kind.points?.layout === 'ragged' ? undefined : table.stored?.(kind.columns[0].name)?.shape
  const text = `${inFile(table, name)} ${shapeText(kind, column, leading)}`
  throw missing(kind, table, title === undefined ? `${thing(table)} ${text}` : `${title} (${text}, ${column.units})`)
}

function requireOffsets<T>(kind: ObjectKind<T>, table: TableSource): void {
  if (table.format !== 'hdf5' || table.columns.some(({ ragged }) => ragged)) return
  throw missing(kind, table, `the dataset ${inFile(table, 'offsets')} [n + 1]`)
}

function missing<T>(kind: ObjectKind<T>, table: TableSource, expected: string): DataError {
  const offsets = table.format === 'hdf5' && table.columns.some(({ ragged }) => ragged) ? ['offsets'] : []
  const columns = [...table.columns.map(({ name }) => name), ...table.leftOut, ...offsets]
  const there = [...new Set(columns.map(name => inFile(table, name)))].sort()
  return new DataError(`expected ${expected} in ${table.path}`, `got ${there.slice(0, 8).join(' ')}`, layoutOf(kind))
}

function requireShape<T>(kind: ObjectKind<T>, table: TableSource, column: ObjectColumn, padding: number): void {
  const { name, shape, width } = column
  const { path } = table
  const found = columnOf(table, name)
  const stored = table.stored?.(name)
  const pad = kind.points?.layout === 'padded' && shape === 'point' ? [padding] : []
  const wanted = [...pad, ...(width === undefined ? [] : [width])].join()
  const fits =
    found?.ragged === (kind.points?.layout === 'ragged' && shape === 'point') &&
    (shape === 'row'
      ? found.rowShape.length === 1
      : // A column of one number a point may also be written as a matrix of one column.
        found.rowShape.join() === wanted || (wanted === '' && found.rowShape.join() === '1'))
  const own = inFile(table, name)
  if (!fits) {
    const expected = table.format === 'hdf5' ? own : `the column ${own} of lists`
    const got = (stored?.shape ?? found?.rowShape ?? []).join(', ')
    const text = shapeText(kind, column, table.stored?.(kind.columns[0].name)?.shape)
    throw new DataError(`expected ${expected} ${text} in ${path}`, `got [${got}]`, layoutOf(kind))
  }
  if (stored?.shape.includes(0)) {
    const got = `got ${own} [${stored.shape.join(', ')}]`
    throw new DataError(`expected at least one ${kind.one} in ${path}`, got, 'check the file')
  }
  if (found?.dtype === 'string') {
    const got = `got ${stored?.type ?? 'text'}`
    throw new DataError(`expected numbers at /${own} in ${path}`, got, 'see `stipple inspect`')
  }
}

function inFile(table: TableSource, name: string): string {
  return table.nameInFile?.(name) ?? name
}

/** `[n, points, 3]`; with the shape of the leading column given, the numbers that it settles: `[100, 5000, 3]`. */
function shapeText<T>(kind: ObjectKind<T>, { name, shape, width }: ObjectColumn, leading?: readonly number[]): string {
  const settled = name === kind.columns[0].name ? undefined : leading
  const inner = shape === 'row' ? ['p'] : width === undefined ? [] : [width]
  if (kind.points?.layout === 'ragged')
    return `[${[shape === 'row' ? 'n' : (settled?.[0] ?? 'N'), ...inner].join(', ')}]`
  const padding = shape === 'point' ? [settled?.[1] ?? 'points'] : []
  return `[${[settled?.[0] ?? 'n', ...padding, ...inner].join(', ')}]`
}

function thing(table: TableSource): string {
  return table.format === 'hdf5' ? 'the dataset' : 'the column'
}

function layoutOf<T>(kind: ObjectKind<T>): string {
  return `see the ${kind.subject} layout, and \`stipple inspect\``
}

function namesOf<T>(kind: ObjectKind<T>, table: TableSource, { name }: ObjectColumn): string[] {
  const column = columnOf(table, name)
  const stored = column?.attributes.names
  const width = column?.rowShape[0]
  const attribute = table.format === 'hdf5' ? 'attribute names' : 'metadata'
  const where = `in the ${attribute} of ${inFile(table, name)} in ${table.path}`
  if (!Array.isArray(stored) || stored.length !== width) {
    const got = stored === undefined ? 'none' : String(stored)
    throw new DataError(`expected ${width} names ${where}`, `got ${got}`, 'write them')
  }
  const names = stored.map(entry =>
    kind.parameterName && name === 'theta' ? kind.parameterName(String(entry)) : String(entry),
  )
  const twice = names.find((entry, i) => names.indexOf(entry) < i)
  if (twice === undefined) return names
  throw new DataError(`expected different names ${where}`, `got ${twice} twice`, 'correct them')
}

/** Attributes as values: text that is JSON of an object or a list, as a prior, parsed. */
function parsedAttributes({ attributes }: TableSource): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => {
      if (typeof value !== 'string' || !/^\s*[{[]/.test(value)) return [name, value]
      try {
        return [name, JSON.parse(value) as unknown]
      } catch {
        return [name, value]
      }
    }),
  )
}
