import { DataError } from '../../core/index.js'
import { type ArrowColumnInfo, type ArrowWriter, createArrow, openArrow } from '../arrow/index.js'
import { refuseOverwrite } from '../atomic.js'
import { type Column, isNumeric, sizeOf } from '../columns.js'
import type { DtypeName } from '../hdf5/index.js'
import type { Json } from '../hdf5/nested.js'
import {
  copyTable,
  isRagged,
  joinRagged,
  type RaggedLengths,
  type TableBatch,
  type TableColumn,
  type TableLayout,
  type TableRange,
  type TableSource,
  type TableValues,
  type TableWriter,
} from './table.js'

const dtypes: Readonly<Record<string, DtypeName | 'string'>> = {
  Int8: 'i1',
  Uint8: 'u1',
  Bool: 'u1',
  Int16: 'i2',
  Uint16: 'u2',
  Int32: 'i4',
  Uint32: 'u4',
  Int64: 'i8',
  Uint64: 'u8',
  Float16: 'f4',
  Float32: 'f4',
  Float64: 'f8',
  Utf8: 'string',
  LargeUtf8: 'string',
}

/**
 * An Arrow file as a table: fixed-size lists as vectors, lists of numbers as ragged columns; units and names from the
 * columns' metadata.
 */
export function openArrowTable(path: string): TableSource {
  const file = openArrow(path)
  const found = file.columns.map(info => ({ info, column: columnOf(info) }))
  const columns = found.flatMap(({ column }) => (column ? [column] : []))
  const leftOut = found.flatMap(({ info, column }) => (column ? [] : [info.name]))
  if (columns.length === 0) {
    file.close()
    throw new DataError(`expected columns of numbers or text in ${path}`, 'got none', 'see `stipple inspect`')
  }

  async function* batches(signal?: AbortSignal, range: TableRange = {}): AsyncGenerator<TableBatch> {
    const wanted = columns.filter(({ name }) => range.columns?.includes(name) ?? true)
    const names = wanted.map(column => column.name)
    for await (const batch of file.batches({ from: range.from, to: range.to, columns: names, signal })) {
      const out: Record<string, TableValues> = {}
      for (const column of wanted) {
        if (batch.valid[column.name] && column.dtype[0] !== 'f') {
          throw new DataError(
            `expected values in all rows of ${column.name} in ${path}`,
            'got nulls',
            'fill them before converting',
          )
        }
        out[column.name] = valuesOf(column, batch.columns[column.name], batch.valid[column.name])
      }
      yield { start: batch.start, rows: batch.rows, columns: out }
    }
  }
  /** Arrow gives no lengths without the lists: one pass over the column, a batch at a time. */
  async function lengths(name: string, signal?: AbortSignal): Promise<RaggedLengths> {
    let [total, longest] = [0, 0]
    for await (const { columns, rows } of batches(signal, { columns: [name] })) {
      const list = columns[name]
      if (!isRagged(list)) continue
      for (let row = 0; row < rows; row++) longest = Math.max(longest, list.offsets[row + 1] - list.offsets[row])
      total += list.offsets[rows]
    }
    return { total, longest }
  }
  const attributes = Object.fromEntries(
    Object.entries(file.metadata).map(([name, text]) => [name, parseMetadata(name, text)]),
  )
  const { rows } = file
  const close = () => file.close()
  return { path, format: 'arrow', rows, columns, attributes, leftOut, lengths, batches, close }
}

function columnOf(info: ArrowColumnInfo): TableColumn | undefined {
  const list = /^(?:List|LargeList)<(.*)>$/.exec(info.type)?.[1]
  const sizes = [...(list ?? '').matchAll(/FixedSizeList\[(\d+)\]/g)].map(match => Number(match[1]))
  const element = list === undefined ? info.type : list.replace(/FixedSizeList\[\d+\]|[<>]/g, '')
  const dtype = dtypes[element]
  if (!dtype || (list !== undefined && dtype === 'string')) return undefined
  const { units = '', ...others } = info.metadata
  const attributes = Object.fromEntries(Object.entries(others).map(([name, text]) => [name, parseMetadata(name, text)]))
  return {
    name: info.name,
    dtype,
    rowShape: list === undefined ? info.rowShape : sizes,
    ragged: list !== undefined,
    units,
    attributes,
  }
}

function valuesOf(column: TableColumn, values: Column, valid?: Uint8Array): TableValues {
  if (column.ragged) return joinRagged(values as readonly Column[], sizeOf(column.rowShape))
  if (!isNumeric(values)) return values as readonly string[]
  if (!valid || !(values instanceof Float32Array || values instanceof Float64Array)) return values
  const width = sizeOf(column.rowShape)
  return values.map((value, i) => (valid[Math.floor(i / width)] ? value : Number.NaN))
}

/** Metadata is text: numbers become numbers again, `names` a list. */
export function parseMetadata(name: string, text: string): Json {
  if (name === 'names') return text.split(',')
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text
}

export function metadataText(value: Json): string {
  if (typeof value === 'string') return value
  return Array.isArray(value) ? value.map(String).join(',') : JSON.stringify(value)
}

/** A new Arrow IPC file that takes a table. Every batch becomes one batch of records. */
export function createArrowTable(path: string, options: { readonly force?: boolean } = {}): TableWriter {
  refuseOverwrite(path, options.force)
  const texts = (values: Readonly<Record<string, Json>>) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, metadataText(value)]))
  let writer: ArrowWriter | undefined
  return {
    begin({ columns, attributes }) {
      const specs = columns.map(({ name, dtype, rowShape, ragged, units, attributes }) => ({
        name,
        dtype,
        rowShape,
        ragged,
        metadata: { ...(dtype === 'string' ? {} : { units }), ...texts(attributes) },
      }))
      writer = createArrow(path, specs, { metadata: texts(attributes), force: options.force })
    },
    append: ({ columns, rows }) => writer?.append(columns, rows),
    close: () => writer?.close(),
    discard: () => writer?.discard(),
  }
}

/** Writes a table into an Arrow IPC file. @returns the number of rows */
export async function writeArrowTable(
  path: string,
  table: TableLayout & Pick<TableSource, 'batches'>,
  options: { readonly force?: boolean; readonly signal?: AbortSignal } = {},
): Promise<number> {
  return copyTable(createArrowTable(path, options), table, options.signal)
}
