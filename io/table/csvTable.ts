import { closeSync, fsyncSync, openSync, renameSync } from 'node:fs'
import { UsageError } from '../../core/index.js'
import { refuseOverwrite, removeQuietly, temporaryBeside, writeError, writeFully } from '../atomic.js'
import { isNumeric, sizeOf } from '../columns.js'
import { csvLine, readCsv } from '../csv.js'
import { entryNames, isRagged, type TableBatch, type TableColumn, type TableSource, type TableValues } from './table.js'

/** More columns than this are no table that anyone reads: such data belong into HDF5 or Arrow. */
const mostColumns = 512

/**
 * A csv of numbers as a table. Columns `theta_NAME` become one vector `theta` with its names, `x_NAME` one vector `x`
 * where there is a theta: the layout of simulation tables; others stay single.
 */
export async function openCsvTable(path: string): Promise<TableSource> {
  let header: string[] = []
  let rows = 0
  for await (const batch of readCsv(path)) {
    header = Object.keys(batch.columns)
    rows += batch.rows
  }
  const theta = header.filter(name => name.startsWith('theta_'))
  const x = theta.length > 0 ? header.filter(name => name.startsWith('x_')) : []
  const vectors = [
    ['theta', theta],
    ['x', x],
  ].filter((entry): entry is [string, string[]] => entry[1].length > 0)
  const single = header.filter(name => !theta.includes(name) && !x.includes(name))
  const columns: TableColumn[] = [
    ...single.map(name => ({ name, dtype: 'f8' as const, rowShape: [], ragged: false, units: '', attributes: {} })),
    ...vectors.map(([name, members]) => ({
      name,
      dtype: 'f8' as const,
      rowShape: [members.length],
      ragged: false,
      units: '',
      attributes: { names: members.map(member => member.slice(name.length + 1)) },
    })),
  ]

  async function* batches(signal?: AbortSignal): AsyncGenerator<TableBatch> {
    for await (const batch of readCsv(path, { signal })) {
      const out: Record<string, TableValues> = Object.fromEntries(single.map(name => [name, batch.columns[name]]))
      for (const [name, members] of vectors) {
        const values = new Float64Array(batch.rows * members.length)
        members.forEach((member, m) => {
          for (let row = 0; row < batch.rows; row++) values[row * members.length + m] = batch.columns[member][row]
        })
        out[name] = values
      }
      yield { start: batch.start, rows: batch.rows, columns: out }
    }
  }
  return { path, format: 'csv', rows, columns, attributes: {}, leftOut: [], batches, close: () => undefined }
}

/**
 * Writes a table as csv. A table of single values and short vectors gives a line a row. Where there are lists (ragged
 * columns, or points such as `positions [points, 3]`), it gives a line an entry: column `object` first, the row's own
 * values repeated, and entries whose `mask` is 0 omitted.
 */
export async function writeCsvTable(
  path: string,
  table: Pick<TableSource, 'columns' | 'batches'>,
  options: { readonly force?: boolean; readonly signal?: AbortSignal } = {},
): Promise<number> {
  refuseOverwrite(path, options.force)
  const layout = layoutOf(path, table.columns)
  const temporary = temporaryBeside(path)
  let lines = 0
  try {
    const descriptor = openSync(temporary, 'wx')
    try {
      writeFully(descriptor, Buffer.from(`${csvLine(layout.header)}\n`))
      for await (const batch of table.batches(options.signal)) {
        let text = ''
        for (const cells of layout.lines(batch)) {
          text += `${csvLine(cells)}\n`
          lines++
          if (text.length > 1 << 20) {
            writeFully(descriptor, Buffer.from(text))
            text = ''
          }
        }
        writeFully(descriptor, Buffer.from(text))
      }
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
    renameSync(temporary, path)
    return lines
  } catch (error) {
    removeQuietly(temporary)
    throw (error as NodeJS.ErrnoException).code === undefined ? error : writeError(path, error)
  }
}

type Cell = number | bigint | string

interface Layout {
  readonly header: readonly string[]
  lines(batch: TableBatch): Generator<Cell[]>
}

function layoutOf(path: string, columns: readonly TableColumn[]): Layout {
  const points = columns.find(column => column.rowShape.length === 2 && !column.ragged)?.rowShape[0]
  const ragged = columns.some(column => column.ragged)
  const listed = (column: TableColumn): boolean =>
    column.ragged || (!ragged && points !== undefined && column.rowShape[0] === points)
  const inner = (column: TableColumn): number =>
    sizeOf(listed(column) && !column.ragged ? column.rowShape.slice(1) : column.rowShape)
  const shown = columns.filter(column => column.name !== 'mask')
  const names = shown.flatMap(column =>
    inner(column) === 1 && isScalar(column, listed(column)) ? [column.name] : entryNames(column, inner(column)),
  )
  const long = ragged || points !== undefined
  const header = long ? ['object', ...names] : names
  if (header.length > mostColumns) {
    throw new UsageError(
      `expected at most ${mostColumns} columns for ${path}`,
      `got ${header.length}`,
      'convert to .h5 or .arrow',
    )
  }

  function* lines(batch: TableBatch): Generator<Cell[]> {
    for (let row = 0; row < batch.rows; row++) {
      const [from, to] = entriesOf(batch, row)
      for (let entry = from; entry < to; entry++) {
        if (long && !ragged && isMasked(batch, row * (points ?? 1) + entry)) continue
        const cells = shown.flatMap(column => {
          const at = !listed(column) ? row : column.ragged ? entry : row * (points ?? 1) + entry
          return cellsAt(batch.columns[column.name], at, inner(column))
        })
        yield long ? [batch.start + row, ...cells] : cells
      }
    }
  }

  function entriesOf(batch: TableBatch, row: number): [number, number] {
    const list = ragged ? Object.values(batch.columns).find(isRagged) : undefined
    if (list) return [list.offsets[row], list.offsets[row + 1]]
    return [0, long ? (points ?? 1) : 1]
  }
  return { header, lines }
}

function isScalar(column: TableColumn, listed: boolean): boolean {
  return column.rowShape.length === (listed && !column.ragged ? 1 : 0)
}

function isMasked(batch: TableBatch, at: number): boolean {
  const mask = batch.columns.mask
  return isNumeric(mask) && Number(mask[at]) === 0
}

function cellsAt(column: TableValues, at: number, width: number): Cell[] {
  const values = isRagged(column) ? column.values : column
  return Array.from({ length: width }, (_, i) => values[at * width + i])
}
