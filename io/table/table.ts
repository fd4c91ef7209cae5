import { type Column, isNumeric, type NumericArray } from '../columns.js'
import type { DtypeName } from '../hdf5/index.js'
import type { Json } from '../hdf5/nested.js'

/**
 * What HDF5, Arrow, NPY and csv have in common: rows (objects), and columns with a value of one shape a row or, where
 * ragged, with a list of them.
 */
export interface TableColumn {
  readonly name: string
  readonly dtype: DtypeName | 'string'
  /** Shape of one row's value; of one element of a ragged column's list */
  readonly rowShape: readonly number[]
  readonly ragged: boolean
  readonly units: string
  /** For example `names` of theta's entries */
  readonly attributes: Readonly<Record<string, Json>>
  /** Rows of a chunk where the file has chunks; by default as many as compress well */
  readonly chunkRows?: number
}

/** Values of one column in one batch: flat numbers, text, or, where ragged, numbers with `[rows + 1]` offsets. */
export type TableValues = NumericArray | readonly string[] | RaggedValues

export interface RaggedValues {
  readonly values: NumericArray
  readonly offsets: ArrayLike<number>
}

export interface TableBatch {
  readonly start: number
  readonly rows: number
  readonly columns: Readonly<Record<string, TableValues>>
}

/** What a table is, without its rows. */
export interface TableLayout {
  readonly columns: readonly TableColumn[]
  /** The file's own attributes */
  readonly attributes: Readonly<Record<string, Json>>
  /** Rows of a chunk of the offsets, where there are any */
  readonly offsetChunkRows?: number
}

export interface TableSource extends TableLayout {
  readonly path: string
  readonly format: 'hdf5' | 'arrow' | 'csv' | 'npy'
  readonly rows: number
  /** What the source holds beside its columns and a table cannot say */
  readonly leftOut: readonly string[]
  /** A column as it lies in an HDF5 file, also where it is left out */
  stored?(name: string): { readonly shape: readonly number[]; readonly type: string } | undefined
  /** What the file calls a column, where the table gives it another name */
  nameInFile?(name: string): string
  /** Entries of a ragged column over all rows, and in the longest row */
  lengths?(column: string, signal?: AbortSignal): Promise<RaggedLengths>
  /** The rows in order; there may be more than asked for, before them and after */
  batches(signal?: AbortSignal, range?: TableRange): AsyncGenerator<TableBatch>
  close(): void
}

/** Which part of a table is read; by default all of it. */
export interface TableRange {
  readonly from?: number
  readonly to?: number
  /** Names of the columns */
  readonly columns?: readonly string[]
  /** About how large a batch of an HDF5 file is at most, bytes; default 32 MiB */
  readonly batchBytes?: number
}

export interface RaggedLengths {
  readonly total: number
  readonly longest: number
}

/** Takes a table batch by batch; the file appears at its path with `close`. */
export interface TableWriter {
  /** Called once, before the first batch */
  begin(layout: TableLayout): void
  append(batch: Omit<TableBatch, 'start'>): void
  close(): void
  /** Leaves nothing behind; harmless after `close` */
  discard(): void
}

/** Writes all batches of a table and closes the writer. @returns the number of rows */
export async function copyTable(
  writer: TableWriter,
  table: TableLayout & Pick<TableSource, 'batches'>,
  signal?: AbortSignal,
): Promise<number> {
  try {
    writer.begin(table)
    let rows = 0
    for await (const batch of table.batches(signal)) {
      writer.append(batch)
      rows += batch.rows
    }
    writer.close()
    return rows
  } finally {
    writer.discard()
  }
}

export function isRagged(values: TableValues): values is RaggedValues {
  return !isNumeric(values) && 'offsets' in values
}

/** Lists of numbers, one a row, as one run of numbers with offsets. */
export function joinRagged(lists: readonly Column[], width: number): RaggedValues {
  const offsets = new Float64Array(lists.length + 1)
  const pieces = lists.filter(isNumeric)
  pieces.forEach((piece, i) => {
    offsets[i + 1] = offsets[i] + piece.length / width
  })
  const first = pieces[0] ?? new Float64Array(0)
  const values = new (first.constructor as Float64ArrayConstructor)(offsets[lists.length] * width)
  pieces.forEach((piece, i) => {
    values.set(piece as Float64Array, offsets[i] * width)
  })
  return { values: values as NumericArray, offsets }
}

/** The names of a vector column's entries: from its attribute `names`, else `_x _y _z` for places, else `_0 _1 …`. */
export function entryNames(column: TableColumn, width: number): string[] {
  const { names } = column.attributes
  if (Array.isArray(names) && names.length === width) return names.map(name => `${column.name}_${String(name)}`)
  const axes = width <= 3 && /^(positions|velocities|pos|vel)$/.test(column.name) ? ['x', 'y', 'z'] : undefined
  return Array.from({ length: width }, (_, i) => `${column.name}_${axes?.[i] ?? i}`)
}
