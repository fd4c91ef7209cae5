import { extname } from 'node:path'
import { DataError, UsageError } from '../../core/index.js'
import { isNumeric, type NumericArray, toFloat64 } from '../../io/columns.js'
import {
  entryNames,
  isRagged,
  openTable,
  type TableColumn,
  type TableSource,
  type TableValues,
  tableFormat,
} from '../../io/table/index.js'

/** Some simulations one after another. */
export interface SimulationBlock {
  /** index of the first among all */
  readonly start: number
  readonly rows: number
  /** `[rows, p]` */
  readonly theta: Float64Array
  /** The numbers of x of row `row`, as they stand in the file; a set as `[points, features]`. */
  x(row: number): Float64Array
}

/** Simulations one after another, wherever from. */
export interface SimulationSource {
  /** a block at a time from the first one on, as often as asked */
  blocks(signal: AbortSignal): AsyncIterable<SimulationBlock>
  /** how many there are */
  readonly rows: number
  /** where from, for errors */
  readonly from: string
}

/** One or several files with the columns `theta` and `x`. */
export interface SimulationTables extends SimulationSource {
  /** `[p]` names of the parameters */
  readonly names: readonly string[]
  readonly units: readonly string[]
  readonly x: XColumn
  /** a prior that the files tell, as JSON */
  readonly prior?: unknown
  close(): void
}

/** What is known of `x` before its rows are read. */
export type XColumn =
  | { readonly kind: 'vector'; readonly names: readonly string[] }
  /** `points` is absent where every row has another number */
  | { readonly kind: 'set'; readonly features: number; readonly points?: number }

/**
 * Opens tables of simulations: `theta [n, p]` and `x [n, d]` in HDF5 or Arrow, columns `theta_NAME` and `x_NAME` in
 * csv. `x [n, points, features]` and ragged lists of points are sets.
 *
 * @throws DataError where a column is absent, of another shape than in the first file, or not of numbers; UsageError
 *   for another ending
 */
export async function openSimulationTables(paths: readonly string[]): Promise<SimulationTables> {
  const sources: TableSource[] = []
  const close = () => {
    for (const source of sources) source.close()
  }
  try {
    for (const path of paths) sources.push(await openRows(path))
    if (sources.length === 0) throw new UsageError('expected --data', 'got none', 'give a table of simulations')
    const described = sources.map(source => ({ path: source.path, ...describe(source) }))
    const [first] = described
    for (const { path, names, x } of described) {
      if (JSON.stringify([names, x]) === JSON.stringify([first.names, first.x])) continue
      throw new DataError(
        `expected the columns of ${first.path} in ${path}`,
        `got theta ${names.join(', ')} and ${shapeText(x)}`,
        'train on tables of one simulator',
      )
    }
    const rows = sources.reduce((sum, source) => sum + source.rows, 0)
    const priors = sources.map(source => source.attributes.prior)
    const same = priors.every(prior => prior === priors[0])
    const { names, units, x } = first
    return {
      blocks: signal => blocksOf(sources, x, signal),
      rows,
      from: paths.join(', '),
      names,
      units,
      x,
      ...(same && { prior: parsed(priors[0]) }),
      close,
    }
  } catch (error) {
    close()
    throw error
  }
}

/** Rows that are in memory already. @param x `[rows, width]` */
export function blockOf(theta: Float64Array, x: Float64Array, rows: number, start = 0): SimulationBlock {
  const width = x.length / rows
  return { start, rows, theta, x: row => x.subarray(row * width, (row + 1) * width) }
}

/** A table of rows, by the ending of its path. */
export async function openRows(path: string): Promise<TableSource> {
  const format = tableFormat(path)
  if (format !== undefined && format !== 'npy') return openTable(path, format)
  throw new UsageError('expected a table ending in .h5, .arrow or .csv', `got ${path}`, 'convert it')
}

async function* blocksOf(
  sources: readonly TableSource[],
  x: XColumn,
  signal: AbortSignal,
): AsyncGenerator<SimulationBlock> {
  let first = 0
  for (const source of sources) {
    for await (const { start, rows, columns } of source.batches(signal)) {
      const theta = toFloat64(numbersOf(columns.theta, 'theta', source.path))
      yield { start: first + start, rows, theta, x: rowsOf(columns.x, rows, x, source.path) }
    }
    first += source.rows
  }
}

function rowsOf(column: TableValues, rows: number, x: XColumn, path: string): (row: number) => Float64Array {
  if (isRagged(column)) {
    const width = x.kind === 'set' ? x.features : 1
    const values = toFloat64(column.values)
    return row => values.subarray(column.offsets[row] * width, column.offsets[row + 1] * width)
  }
  const values = toFloat64(numbersOf(column, 'x', path))
  const width = values.length / rows
  return row => values.subarray(row * width, (row + 1) * width)
}

function numbersOf(column: TableValues | undefined, name: string, path: string): NumericArray {
  if (isNumeric(column)) return column
  throw new DataError(`expected numbers in ${name} of ${path}`, 'got another kind', 'mend it')
}

function describe(source: TableSource) {
  const theta = columnOf(source, 'theta')
  if (theta.ragged || theta.rowShape.length > 1) {
    throw new DataError(
      `expected theta [n, parameters] in ${source.path}`,
      `got [n, ${theta.rowShape.join(', ')}]`,
      'write one row of numbers a simulation',
    )
  }
  const p = theta.rowShape[0] ?? 1
  const names = shortNames(theta, p)
  const { units } = theta
  return { names, units: units.split(',').length === p ? units.split(',') : names.map(() => ''), x: xOf(source) }
}

function xOf(source: TableSource): XColumn {
  const x = columnOf(source, 'x')
  const { rowShape, ragged } = x
  if (ragged && rowShape.length <= 1) return { kind: 'set', features: rowShape[0] ?? 1 }
  if (!ragged && rowShape.length === 2) return { kind: 'set', features: rowShape[1], points: rowShape[0] }
  if (!ragged && rowShape.length <= 1) return { kind: 'vector', names: shortNames(x, rowShape[0] ?? 1) }
  throw new DataError(
    `expected x [n, d] or sets of points [n, points, features] in ${source.path}`,
    `got [n, ${rowShape.join(', ')}]`,
    'flatten it',
  )
}

function columnOf(source: TableSource, name: string): TableColumn {
  const column = source.columns.find(column => column.name === name)
  const expected = extname(source.path) === '.csv' ? `columns ${name}_NAME` : `a dataset ${name}`
  if (!column) {
    const there = source.columns.map(column => column.name).join(', ')
    throw new DataError(`expected ${expected} in ${source.path}`, `got ${there || 'none'}`, 'rename what holds it')
  }
  if (column.dtype === 'string')
    throw new DataError(`expected numbers in ${name} of ${source.path}`, 'got text', 'mend it')
  if (column.rowShape.includes(0))
    throw new DataError(`expected numbers in ${name} of ${source.path}`, 'got none', 'mend it')
  return column
}

function shortNames(column: TableColumn, width: number): string[] {
  const given = Array.isArray(column.attributes.names) && column.attributes.names.length === width
  const names = entryNames(column, width)
  return given ? names.map(name => name.slice(column.name.length + 1)) : names
}

function parsed(text: unknown): unknown {
  if (typeof text !== 'string') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function shapeText(x: XColumn): string {
  return x.kind === 'vector' ? `x of ${x.names.length} numbers` : `x of sets of ${x.features} numbers a point`
}
