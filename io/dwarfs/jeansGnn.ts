import { DataError } from '../../core/index.js'
import { toFloat32 } from '../columns.js'
import type { TableView } from '../objects/index.js'
import { isRagged, type TableColumn, type TableSource, type TableValues } from '../table/index.js'

/**
 * JeansGNN (Nguyen et al. 2023, arXiv 2208.12825), `write_graph_dataset` of its utils: `pos vel vel_error labels ptr`,
 * `ptr` being the n ENDS (or n + 1 starts), `labels_order` on the root. Its `vel_error` is the error that was drawn and
 * added, of either sign; the standard deviation is `error_los` on the root, and is taken from there.
 */
export const jeansGnn: TableView = {
  format: 'jeansgnn',
  view(table) {
    if (!has(table, 'pos') && !has(table, 'vel')) return undefined
    const error = deviationOfErrors(table)
    const errors = error === undefined && has(table, 'vel_error') ? { from: 'vel_error' } : constant('vel', error ?? 0)
    return seen(table, {
      positions: { from: 'pos' },
      velocities: { from: 'vel' },
      velocity_errors: { ...errors, rowShape: [] },
      theta: { from: 'labels', names: labelsOf(table, p => (p === sixLabels.length ? sixLabels : undefined)) },
    })
  },
}

/**
 * dsphs_gnn, the code before JeansGNN, `write_ds` of its utils: `features ptr labels`, in `features` first x and y
 * (kpc), last the velocity along z, whatever stands between: `[N, 3]` x y v, `[N, 5]` x y vx vy v or `[N, 6]` x y z vx
 * vy v. `verr` on the root holds mean and standard deviation of the errors that were added. Its labels have no names in
 * the file unless `labels_order` gives them.
 */
export const dsphsGnn: TableView = {
  format: 'dsphs_gnn',
  view(table) {
    if (!has(table, 'features') || !table.columns.some(({ ragged }) => ragged)) return undefined
    const features = table.columns.find(({ name }) => name === 'features')
    const width = features?.rowShape.length === 1 ? features.rowShape[0] : 1
    if (![3, 5, 6].includes(width)) {
      const expected = `expected features [N, 3], [N, 5] or [N, 6] in ${table.path}: x, y, …, v`
      throw new DataError(expected, `got ${width} columns`, 'see the dwarfs layout')
    }
    const entries = (good: (entry: number) => boolean) => (values: Float32Array) =>
      values.filter((_, i) => good(i % width))
    return seen(table, {
      positions: { from: 'features', rowShape: [2], make: entries(entry => entry < 2) },
      velocities: { from: 'features', rowShape: [], make: entries(entry => entry === width - 1) },
      velocity_errors: constant('features', deviationOfErrors(table) ?? 0, width),
      theta: { from: 'labels', names: labelsOf(table, p => Array.from({ length: p }, (_, i) => `label_${i}`)) },
    })
  },
}

/** A column of ours, as it is made of one of theirs. */
interface SeenColumn {
  readonly from: string
  /** Shape of a star's entry, where it is another */
  readonly rowShape?: readonly number[]
  /** The numbers of ours from those of theirs */
  make?(values: Float32Array): Float32Array
  readonly names?: readonly string[]
}

function constant(from: string, value: number, width = 1): SeenColumn {
  return { from, rowShape: [], make: values => new Float32Array(values.length / width).fill(value) }
}

function seen(table: TableSource, columns: Readonly<Record<string, SeenColumn>>): TableSource {
  const all = Object.entries(columns)
  const nameInFile = (name: string) => columns[name]?.from ?? (name === 'offsets' ? 'ptr' : name)
  const view = (found: readonly TableColumn[]) =>
    all.flatMap(([name, { from, rowShape, names }]): TableColumn[] => {
      const column = found.find(column => column.name === from)
      const attributes: TableColumn['attributes'] = names ? { names: [...names] } : {}
      return column ? [{ ...column, name, rowShape: rowShape ?? column.rowShape, attributes }] : []
    })
  return {
    ...table,
    columns: view(table.columns),
    leftOut: all.flatMap(([name, { from }]) => (table.leftOut.includes(from) ? [name] : [])),
    nameInFile,
    stored: name => table.stored?.(nameInFile(name)),
    lengths: async (name, signal) => (await table.lengths?.(nameInFile(name), signal)) ?? { total: 0, longest: 0 },
    async *batches(signal, range) {
      const wanted = all.filter(([name]) => range?.columns?.includes(name) ?? true)
      const stored = [...new Set(wanted.map(([, { from }]) => from))]
      for await (const batch of table.batches(signal, { ...range, columns: stored })) {
        const made = wanted.map(([name, { from, make }]): [string, TableValues] => {
          const values = batch.columns[from]
          return [name, make && isRagged(values) ? { ...values, values: make(toFloat32(values.values)) } : values]
        })
        yield { ...batch, columns: Object.fromEntries(made) }
      }
    },
  }
}

function has(table: TableSource, wanted: string): boolean {
  return table.leftOut.includes(wanted) || table.columns.some(({ name }) => name === wanted)
}

/** Names of the labels: as the file gives them, else as the code that wrote it orders so many. */
function labelsOf(
  table: TableSource,
  usual: (count: number) => readonly string[] | undefined,
): readonly string[] | undefined {
  const count = table.columns.find(({ name }) => name === 'labels')?.rowShape[0]
  if (count === undefined) return undefined
  const stored = table.attributes.labels_order ?? usual(count)
  if (Array.isArray(stored) && stored.length === count) return stored.map(String)
  const expected = `expected ${count} names in the attribute labels_order in ${table.path}`
  throw new DataError(expected, `got ${stored === undefined ? 'none' : String(stored)}`, 'write them')
}

/**
 * The standard deviation of the errors that these codes added, km/s: JeansGNN's `error_los`, or the second of
 * dsphs_gnn's `verr`.
 */
function deviationOfErrors({ attributes }: TableSource): number | undefined {
  const stored = attributes.error_los ?? attributes.verr
  const last: unknown = Array.isArray(stored) ? stored.at(-1) : stored
  return typeof last === 'number' ? last : undefined
}

/**
 * The project's name of a parameter, from the spellings of JeansGNN: `dm_log_r_dm` -> `log10_r_s`. Other names stay.
 */
export function dwarfParameterName(name: string): string {
  return known[name.trim()] ?? name.trim()
}

const known: Readonly<Record<string, string>> = {
  dm_gamma: 'gamma',
  dm_log_r_dm: 'log10_r_s',
  dm_log_rho_0: 'log10_rho_0',
  stellar_log_r_star: 'log10_r_star',
  df_beta_0: 'beta_0',
  df_log_r_a: 'log10_r_a',
}

/** The columns of JeansGNN's `labels` in its model of six parameters, where the file does not name them. */
const sixLabels: readonly string[] = Object.keys(known)
