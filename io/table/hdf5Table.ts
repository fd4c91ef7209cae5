import { DataError } from '../../core/index.js'
import { type Column, isNumeric, type NumericArray, sizeOf } from '../columns.js'
import { stopIfAborted } from '../eventLoop.js'
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
  typeName,
} from '../hdf5/index.js'
import { type Json, nestedJson } from '../hdf5/nested.js'
import { rootAttributes } from '../rootAttributes.js'
import type {
  RaggedLengths,
  TableBatch,
  TableColumn,
  TableLayout,
  TableRange,
  TableSource,
  TableValues,
  TableWriter,
} from './table.js'
import { copyTable, isRagged } from './table.js'

/** Names under which offsets are in use: ours, and those of JeansGNN's files. */
const offsetNames = ['offsets', 'ptr']

/**
 * The datasets at the root of an HDF5 file as a table: those whose first axis is the number of objects, and, where
 * there are `offsets` (or `ptr`), the ragged ones whose first axis is the number of entries in all. Groups and other
 * datasets are left out and named.
 *
 * @param lead the dataset whose length is the number of objects or, with offsets, of entries; by default what most
 *   datasets agree on
 */
export async function openHdf5Table(path: string, lead?: string): Promise<TableSource> {
  const file = await openHdf5(path)
  try {
    return await tableOf(file, path, lead)
  } catch (error) {
    file.close()
    throw error
  }
}

async function tableOf(file: Hdf5File, path: string, lead?: string): Promise<TableSource> {
  const links = file.children('/')
  const names = links.filter(link => link.kind === 'dataset').map(link => link.path.slice(1))
  const datasets = new Map(names.map(name => [name, file.dataset(`/${name}`)]))
  const lengthOf = (name: string): number => datasets.get(name)?.shape?.[0] ?? -1
  const pointer = offsetNames.find(name => datasets.get(name)?.shape?.length === 1)
  const perObject = ['theta', 'labels'].find(name => datasets.has(name))
  const others = names.filter(name => name !== pointer)
  const leading = lead !== undefined && datasets.has(lead) ? lengthOf(lead) : undefined
  const total = pointer ? (leading ?? Math.max(...others.map(lengthOf))) : -1
  const objects = perObject === undefined ? undefined : lengthOf(perObject)
  const offsets = pointer ? startOffsets(path, await readNumbers(file, `/${pointer}`), total, objects) : undefined
  const rows = offsets ? offsets.length - 1 : (leading ?? commonLength(others.map(lengthOf)))
  const columns: TableColumn[] = []
  const leftOut = links.filter(link => link.kind !== 'dataset').map(link => link.path.slice(1))
  for (const name of others) {
    const column = columnOf(file, name, rows, offsets ? total : -1)
    if (column) columns.push(column)
    else leftOut.push(name)
  }
  if (columns.length === 0)
    throw new DataError(`expected datasets with rows at the root of ${path}`, 'got none', 'see `stipple inspect`')

  async function* batches(signal?: AbortSignal, range: TableRange = {}): AsyncGenerator<TableBatch> {
    const wanted = columns.filter(({ name }) => range.columns?.includes(name) ?? true)
    const { batchBytes = 1 << 25 } = range
    const chunkRows = wanted.map(({ name }) => datasets.get(name)?.chunks?.[0] ?? 1).filter(rows => rows < 4096)
    const bytes = (of: readonly TableColumn[]) => of.reduce((sum, one) => sum + sizeOf(one.rowShape) * bytesOf(one), 0)
    const most = rowsPerBlock(bytes(wanted.filter(({ ragged }) => !ragged)), Math.max(1, ...chunkRows), batchBytes)
    const entries = batchBytes / Math.max(1, bytes(wanted.filter(({ ragged }) => ragged)))
    const end = Math.min(range.to ?? rows, rows)
    for (let start = Math.max(range.from ?? 0, 0); start < end; ) {
      stopIfAborted(signal)
      let stop = offsets ? start + 1 : Math.min(start + most, end)
      if (offsets) while (stop < end && stop - start < most && offsets[stop + 1] - offsets[start] <= entries) stop++
      const out: Record<string, TableValues> = {}
      for (const { name, ragged } of wanted) {
        const [first, last] = ragged && offsets ? [offsets[start], offsets[stop]] : [start, stop]
        const column = await file.dataset(`/${name}`).read({ offset: [first], count: [last - first] }, signal)
        const values = flat(path, name, column)
        const own = offsets?.slice(start, stop + 1).map(offset => offset - first)
        out[name] = ragged && own && isNumeric(values) ? { values, offsets: own } : values
      }
      yield { start, rows: stop - start, columns: out }
      start = stop
    }
  }
  async function lengths(): Promise<RaggedLengths> {
    let longest = 0
    for (let i = 0; offsets && i < rows; i++) longest = Math.max(longest, offsets[i + 1] - offsets[i])
    return { total: Math.max(total, 0), longest }
  }
  const stored = (name: string) => {
    const dataset = datasets.get(name)
    return dataset && { shape: dataset.shape ?? [], type: typeName(dataset.type) }
  }
  const attributes = jsonAttributes(file, '/')
  const close = () => file.close()
  return { path, format: 'hdf5', rows, columns, attributes, leftOut, stored, lengths, batches, close }
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
  throw new DataError(`expected numbers or text at ${name} in ${path}`, 'got another type', 'omit it')
}

/** The attributes that JSON can hold. One that cannot be read is passed over, for a table does without it. */
function jsonAttributes(file: Hdf5File, path: string): Record<string, Json> {
  const out: Record<string, Json> = {}
  for (const name of file.attributeNames(path)) {
    try {
      const { type, shape, value } = file.attributes(path, [name])[name]
      if (value === null || shape === null) continue
      if (typeof value === 'bigint') out[name] = Number(value)
      else if (typeof value === 'string' || typeof value === 'number') out[name] = value
      else out[name] = nestedJson(type, value, shape)
    } catch (error) {
      if (!(error instanceof DataError)) throw error
    }
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

/**
 * A new HDF5 file that takes a table: ragged columns flat, with `offsets [n + 1]`. Text columns are held until the end.
 * Version, subject `table`, seed 0 and time are written where the table's attributes give no others.
 */
export async function createHdf5Table(path: string, options: { readonly force?: boolean } = {}): Promise<TableWriter> {
  const writer = await createHdf5(path, { force: options.force })
  const appenders = new Map<string, Hdf5Appender>()
  const texts = new Map<string, { readonly words: string[]; readonly units: string }>()
  let offsets: Hdf5Appender | undefined
  let total = 0
  return {
    begin({ columns, attributes, offsetChunkRows: chunkRows }) {
      const seed = Number(attributes.seed ?? 0)
      const root = rootAttributes('table', Number.isFinite(seed) ? seed : 0)
      writer.attributes('/', { ...root, ...attributeInputs(attributes) })
      for (const { name, dtype, rowShape, units, chunkRows, attributes } of columns) {
        const described = { units, chunkRows, attributes: attributeInputs(attributes) }
        if (dtype === 'string') texts.set(name, { words: [], units })
        else appenders.set(name, writer.appendable(name, dtype, rowShape, described))
      }
      if (!columns.some(column => column.ragged)) return
      offsets = writer.appendable('offsets', 'i8', [], { units: '', chunkRows })
      offsets.append(new BigInt64Array(1))
    },
    append(batch) {
      let added: ArrayLike<number> | undefined
      for (const [name, values] of Object.entries(batch.columns)) {
        if (isRagged(values)) {
          requireSameOffsets(path, name, added, values.offsets)
          added = values.offsets
          appenders.get(name)?.append(values.values)
        } else if (isNumeric(values)) appenders.get(name)?.append(values)
        else for (const word of values) texts.get(name)?.words.push(word)
      }
      if (!offsets || !added) return
      const own = added
      offsets.append(BigInt64Array.from({ length: batch.rows }, (_, i) => BigInt(total + own[i + 1])))
      total += own[batch.rows]
    },
    close() {
      for (const [name, { words, units }] of texts) writer.write(name, words, { units })
      writer.close()
    },
    discard: () => writer.discard(),
  }
}

/** Writes a table into HDF5. @returns the number of rows */
export async function writeHdf5Table(
  path: string,
  table: TableLayout & Pick<TableSource, 'batches'>,
  options: { readonly force?: boolean; readonly signal?: AbortSignal } = {},
): Promise<number> {
  return copyTable(await createHdf5Table(path, options), table, options.signal)
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
