import { UsageError } from '../../core/index.js'
import { refuseOverwrite } from '../atomic.js'
import { writeCsv } from '../csv.js'
import { rootAttributes } from '../rootAttributes.js'
import { type TableColumn, type TableSource, tableFormat, writeArrowTable, writeHdf5Table } from '../table/index.js'

/** Draws from a posterior, as they are written. */
export interface PosteriorTable {
  /** Subject of the command, `dwarfs` */
  readonly subject: string
  readonly seed: number
  /** `[p]` names of the parameters, and their units in the same order ('' where a number has none) */
  readonly names: readonly string[]
  readonly units: readonly string[]
  /** `[n, p]` */
  readonly draws: ArrayLike<number>
  /** `[n]` nats */
  readonly logProb: ArrayLike<number>
  /** `[n]` each: what follows from the draws, or their weights under another prior */
  readonly columns?: readonly { readonly name: string; readonly units: string; readonly values: ArrayLike<number> }[]
  /** For the root of the file: method, model, input */
  readonly attributes?: Readonly<Record<string, string | number>>
}

/**
 * Writes draws by the ending of the path: `.h5` (or .hdf5) with `draws [n, p]` and its attributes `names` and `units`,
 * `log_prob [n]` and further columns; `.arrow` with the same columns; `.csv` with a line a draw and the parameters'
 * names as header. All appear whole or not at all.
 *
 * @throws UsageError for another ending, an existing file without `force`, and columns of different lengths; WorkError
 *   where the disk is full
 */
export async function writeDraws(
  path: string,
  posterior: PosteriorTable,
  options: { readonly force?: boolean } = {},
): Promise<void> {
  const { names, draws, logProb, columns = [] } = posterior
  const n = logProb.length
  const lengths: readonly (readonly [string, number, number])[] = [
    ['units', posterior.units.length, names.length],
    ['draws', draws.length, n * names.length],
    ...columns.map(({ name, values }) => [name, values.length, n] as const),
  ]
  for (const [name, length, wanted] of lengths) {
    if (length === wanted && n > 0) continue
    throw new UsageError(
      `expected ${wanted} ${name} for ${n} draws to write to ${path}`,
      `got ${length}`,
      'correct the caller',
    )
  }
  switch (drawsFormat(path)) {
    case 'hdf5':
      await writeHdf5Table(path, tableOf(posterior), options)
      return
    case 'arrow':
      await writeArrowTable(path, tableOf(posterior), options)
      return
    case 'csv': {
      refuseOverwrite(path, options.force)
      const draw = names.map((name, p) => [
        name,
        Float64Array.from({ length: n }, (_, i) => draws[i * names.length + p]),
      ])
      const rest = columns.map(({ name, values }) => [name, values])
      writeCsv(path, Object.fromEntries([...draw, ['log_prob', logProb], ...rest]) as Record<string, ArrayLike<number>>)
      return
    }
  }
}

/**
 * The format of draws by the ending of the path; to be asked before the draws are made.
 * @throws UsageError for an ending that is none
 */
export function drawsFormat(path: string): 'hdf5' | 'arrow' | 'csv' {
  const format = tableFormat(path)
  if (format && format !== 'npy') return format
  throw new UsageError('expected --out to end in .h5, .arrow or .csv', `got ${path}`, 'choose one of them')
}

function tableOf(posterior: PosteriorTable): Pick<TableSource, 'columns' | 'attributes' | 'batches'> {
  const { subject, seed, names, units, draws, logProb, columns = [] } = posterior
  const column = (name: string, unit: string, rowShape: readonly number[]): TableColumn => ({
    name,
    dtype: 'f8',
    rowShape,
    ragged: false,
    units: unit,
    attributes: {},
  })
  const values = {
    draws: Float64Array.from(draws),
    log_prob: Float64Array.from(logProb),
    ...Object.fromEntries(columns.map(({ name, values }) => [name, Float64Array.from(values)])),
  }
  return {
    attributes: { ...rootAttributes(subject, seed), ...posterior.attributes },
    columns: [
      { ...column('draws', units.join(','), [names.length]), attributes: { names: [...names] } },
      column('log_prob', 'nats', []),
      ...columns.map(({ name, units }) => column(name, units, [])),
    ],
    batches: async function* () {
      yield { start: 0, rows: logProb.length, columns: values }
    },
  }
}
