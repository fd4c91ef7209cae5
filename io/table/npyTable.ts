import { UsageError } from '../../core/index.js'
import { isNumeric, type NumericArray, sizeOf } from '../columns.js'
import { createNpy, npySlices, readNpyHeader } from '../npy/index.js'
import type { TableBatch, TableColumn, TableSource } from './table.js'

/** The one array of a NumPy file as a table with the one column `array`. */
export function openNpyTable(path: string): TableSource {
  const { shape, dtype } = readNpyHeader(path)
  const column: TableColumn = {
    name: 'array',
    dtype: dtype === 'b1' ? 'u1' : dtype,
    rowShape: shape.slice(1),
    ragged: false,
    units: '',
    attributes: {},
  }
  async function* batches(signal?: AbortSignal): AsyncGenerator<TableBatch> {
    for await (const { start, shape, values } of npySlices(path, { signal }))
      yield { start, rows: shape[0], columns: { array: values } }
  }
  return {
    path,
    format: 'npy',
    rows: shape[0] ?? 0,
    columns: [column],
    attributes: {},
    leftOut: [],
    batches,
    close: () => undefined,
  }
}

/** Writes one column as a NumPy file: the only one, or the one named. */
export async function writeNpyTable(
  path: string,
  table: Pick<TableSource, 'columns' | 'batches' | 'rows'>,
  options: { readonly column?: string; readonly force?: boolean; readonly signal?: AbortSignal } = {},
): Promise<number> {
  const numeric = table.columns.filter(column => column.dtype !== 'string' && !column.ragged)
  const wanted = options.column ?? (numeric.length === 1 ? numeric[0].name : undefined)
  const column = numeric.find(({ name }) => name === wanted)
  if (!column || column.dtype === 'string') {
    const names = numeric.map(({ name }) => name).join(' ')
    throw new UsageError(
      `expected one column for ${path}: a NumPy file holds one array`,
      `got ${names || 'none'}`,
      'name one by --column',
    )
  }
  const writer = createNpy(path, column.dtype, [table.rows, ...column.rowShape], options.force)
  try {
    for await (const batch of table.batches(options.signal)) {
      const values = batch.columns[column.name]
      if (isNumeric(values)) writer.append(values as NumericArray)
    }
    writer.close()
    return table.rows * Math.min(1, sizeOf(column.rowShape))
  } finally {
    writer.discard()
  }
}
