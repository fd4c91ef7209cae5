import { DataError } from '../../core/index.js'
import { isNumeric, type NumericArray, toFloat64 } from '../../io/columns.js'
import { isRagged, type TableValues } from '../../io/table/index.js'
import type { SimulationTables } from './simulationTables.js'

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

/** All simulations of the tables, a block at a time. */
export async function* simulationBlocks(
  tables: SimulationTables,
  signal: AbortSignal,
): AsyncGenerator<SimulationBlock> {
  let first = 0
  for (const source of tables.sources) {
    for await (const { start, rows, columns } of source.batches(signal)) {
      const theta = toFloat64(numbersOf(columns.theta, 'theta', source.path))
      yield { start: first + start, rows, theta, x: rowsOf(columns.x, rows, tables, source.path) }
    }
    first += source.rows
  }
}

/** Rows that are in memory already. @param x `[rows, width]` */
export function blockOf(theta: Float64Array, x: Float64Array, rows: number): SimulationBlock {
  const width = x.length / rows
  return { start: 0, rows, theta, x: row => x.subarray(row * width, (row + 1) * width) }
}

function rowsOf(
  column: TableValues,
  rows: number,
  tables: SimulationTables,
  path: string,
): (row: number) => Float64Array {
  if (isRagged(column)) {
    const width = tables.x.kind === 'set' ? tables.x.features : 1
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
