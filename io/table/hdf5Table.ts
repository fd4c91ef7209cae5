import { DataError } from '../../core/index.js'
import { type Column, isNumeric, type NumericArray, sizeOf } from '../columns.js'
import {
  type AttributeInput,
  createHdf5,
  type DtypeName,
  type Hdf5Appender,
  type Hdf5File,
  type Hdf5Type,
  openHdf5,
  readNumbers,
  rowsPerBlock,
  startOffsets,
} from '../hdf5/index.js'
import { type Json, nestedJson } from '../hdf5/nested.js'
import { subjectOf } from '../inspect/subject.js'
import { rootAttributes } from '../rootAttributes.js'
import { isRagged, type TableBatch, type TableColumn, type TableSource, type TableValues } from './table.js'

/** Names under which offsets are in use: ours, and the field's. */
const OFFSETS = ['offsets', 'ptr']

/**
 * The datasets at the root of an HDF5 file as a table: those whose first axis is the number of objects, and, where
 * there are `offsets` (or `ptr`), the ragged ones whose first axis is the number of rows in all. Groups and other
 * datasets are left out and named.
 */
export async function openHdf5Table(path: string): Promise<TableSource> {
  const file = await openHdf5(path)
  try {
    return await tableOf(file, path)
  } catch (error) {
    file.close()
    throw error
  }
}

async function tableOf(file: Hdf5File, path: string): Promise<TableSource> {
  const links = file.children('/')
  const names = links.filter(link => link.kind === 'dataset').map(link => link.path.slice(1))
  const datasets = new Map(names.map(name => [name, file.dataset(`/${name}`)]))
  const lengthOf = (name: string): number => datasets.get(name)?.shape?.[0] ?? -1
  const pointer = OFFSETS.find(name => datasets.get(name)?.shape?.length === 1)
  const told = ['theta', 'labels'].find(name => datasets.has(name))
  const others = names.filter(name => name !== pointer)
  const total = pointer ? Math.max(...others.map(lengthOf)) : -1
  const offsets = pointer
    ? startOffsets(path, await readNumbers(file, `/${pointer}`), total, told === undefined ? undefined : lengthOf(told))
    : undefined
  const rows = offsets ? offsets.length - 1 : commonLength(others.map(lengthOf))
  const columns: TableColumn[] = []
  const leftOut = links.filter(link => link.kind !== 'dataset').map(link => link.path.slice(1))
  for (const name of others) {
    const column = columnOf(file, name, rows, offsets ? total : -1)
    if (column) columns.push(column)
    else leftOut.push(name)
  }
  if (columns.length === 0)
    throw new DataError(`expected datasets with rows at the root of ${path}`, 'got none', 'see `stipple inspect`')
  const bytes = columns.reduce(
    (sum, column) => sum + sizeOf(column.rowShape) * bytesOf(column) * (column.ragged ? total / Math.max(rows, 1) : 1),
    0,
  )
  const step = rowsPerBlock(
    bytes,
    Math.max(1, ...columns.map(({ name }) => datasets.get(name)?.chunks?.[0] ?? 1).filter(rows => rows < 4096)),
  )

  async function* batches(signal?: AbortSignal): AsyncGenerator<TableBatch> {
    for (let start = 0; start < rows; start += step) {
      const count = Math.min(step, rows - start)
      const out: Record<string, TableValues> = {}
      for (const { name, ragged } of columns) {
        const first = ragged && offsets ? offsets[start] : start
        const last = ragged && offsets ? offsets[start + count] : start + count
        const values = flat(
          path,
          name,
          await file.dataset(`/${name}`).read({ offset: [first], count: [last - first] }, signal),
        )
        const own = offsets?.slice(start, start + count + 1).map(offset => offset - first)
        out[name] = ragged && own && isNumeric(values) ? { values, offsets: own } : values
      }
      yield { start, rows: count, columns: out }
    }
  }
  return { path, rows, columns, attributes: jsonAttributes(file, '/'), leftOut, batches, close: () => file.close() }
}

function columnOf(file: Hdf5File, name: string, rows: number, total: number): TableColumn | undefined {
  const { type, shape } = file.dataset(`/${name}`)
  const dtype = dtypeOfType(type.kind === 'array' ? type.base : type)
  const ragged = shape?.[0] === total && !(total === rows && /^(theta|labels)$/.test(name))
  if (!dtype || !shape || shape.length === 0 || (!ragged && shape[0] !== rows)) return undefined
  if (ragged && dtype === 'string') return undefined
  const { units, ...attributes } = jsonAttributes(file, `/${name}`)
  const inner = type.kind === 'array' ? type.shape : []
  return {
    name,
    dtype,
    rowShape: [...shape.slice(1), ...inner],
    ragged,
    units: typeof units === 'string' ? units : '',
    attributes,
  }
}

function dtypeOfType(type: Hdf5Type): DtypeName | 'string' | undefined {
  if (type.kind === 'string') return 'string'
  if (type.kind === 'float') return type.bytes === 8 ? 'f8' : 'f4'
  const base = type.kind === 'enum' ? type.base : type
  if (base.kind === 'integer') return `${base.signed ? 'i' : 'u'}${base.bytes}` as DtypeName
  return base.kind === 'bitfield' ? (`u${base.bytes}` as DtypeName) : undefined
}

function commonLength(lengths: readonly number[]): number {
  const counts = new Map<number, number>()
  for (const length of lengths) if (length >= 0) counts.set(length, (counts.get(length) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1] || b[0] - a[0])[0]?.[0] ?? 0
}

function bytesOf(column: TableColumn): number {
  return column.dtype === 'string' ? 64 : Number(column.dtype[1])
}

function flat(path: string, name: string, column: Column): NumericArray | readonly string[] {
  if (isNumeric(column) || (Array.isArray(column) && column.every(value => typeof value === 'string'))) {
    return column as NumericArray | readonly string[]
  }
  throw new DataError(`expected numbers or text at ${name} in ${path}`, 'got another type', 'leave it out')
}

function jsonAttributes(file: Hdf5File, path: string): Record<string, Json> {
  const out: Record<string, Json> = {}
  for (const [name, { type, shape, value }] of Object.entries(file.attributes(path))) {
    if (value === null || shape === null) continue
    if (typeof value === 'bigint') out[name] = Number(value)
    else if (typeof value === 'string' || typeof value === 'number') out[name] = value
    else out[name] = nestedJson(type, value, shape)
  }
  return out
}

/** An attribute as HDF5 stores it; undefined for what it cannot say (nested lists, mixed ones). */
export function attributeInput(value: Json): AttributeInput | undefined {
  if (typeof value === 'string' || typeof value === 'number') return value
  if (!Array.isArray(value) || value.length === 0) return undefined
  if (value.every(entry => typeof entry === 'string')) return value as string[]
  return value.every(entry => typeof entry === 'number') ? (value as number[]) : undefined
}

export function attributeInputs(attributes: Readonly<Record<string, Json>>): Record<string, AttributeInput> {
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]) => {
      const input = attributeInput(value)
      return input === undefined ? [] : [[name, input] as const]
    }),
  )
}

/** Writes a table into HDF5: ragged columns flat, with `offsets [n + 1]`. Text columns are held until the end. */
export async function writeHdf5Table(
  path: string,
  table: Pick<TableSource, 'columns' | 'attributes' | 'batches'>,
  options: { readonly force?: boolean; readonly signal?: AbortSignal } = {},
): Promise<number> {
  const seed = Number(table.attributes.seed ?? 0)
  const subject = subjectOf(table.columns.map(({ name, rowShape }) => ({ name, shape: [0, ...rowShape] }))) ?? 'table'
  const attributes = {
    ...rootAttributes(subject, Number.isFinite(seed) ? seed : 0),
    ...attributeInputs(table.attributes),
  }
  const writer = await createHdf5(path, { attributes, force: options.force })
  try {
    const appenders = new Map<string, Hdf5Appender>()
    const words = new Map<string, string[]>()
    for (const { name, dtype, rowShape, units, attributes } of table.columns) {
      if (dtype === 'string') words.set(name, [])
      else
        appenders.set(
          name,
          writer.appendable(name, dtype, rowShape, { units, attributes: attributeInputs(attributes) }),
        )
    }
    const ragged = table.columns.some(column => column.ragged)
    const offsets = ragged ? writer.appendable('offsets', 'i8', [], { units: '' }) : undefined
    offsets?.append(new BigInt64Array(1))
    let [rows, total] = [0, 0]
    for await (const batch of table.batches(options.signal)) {
      let added: ArrayLike<number> | undefined
      for (const [name, values] of Object.entries(batch.columns)) {
        if (isRagged(values)) {
          requireSameOffsets(path, name, added, values.offsets)
          added = values.offsets
          appenders.get(name)?.append(values.values)
        } else if (isNumeric(values)) appenders.get(name)?.append(values)
        else for (const word of values) words.get(name)?.push(word)
      }
      if (offsets && added) {
        const own = added
        offsets.append(BigInt64Array.from({ length: batch.rows }, (_, i) => BigInt(total + own[i + 1])))
        total += own[batch.rows]
      }
      rows += batch.rows
    }
    for (const { name, units } of table.columns) {
      const text = words.get(name)
      if (text) writer.write(name, text, { units })
    }
    writer.close()
    return rows
  } finally {
    writer.discard()
  }
}

function requireSameOffsets(
  path: string,
  name: string,
  first: ArrayLike<number> | undefined,
  other: ArrayLike<number>,
): void {
  for (let i = 0; first && i < other.length; i++) {
    if (first[i] !== other[i]) {
      throw new DataError(
        `expected ragged columns of one length a row for ${path}`,
        `got ${name} of another`,
        'write it to a file of its own',
      )
    }
  }
}
