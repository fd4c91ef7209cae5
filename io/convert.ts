import { basename, extname, resolve } from 'node:path'
import { UsageError } from '../core/index.js'
import { refuseOverwrite } from './atomic.js'
import { kindOf, subjectOf } from './inspect/subject.js'
import { kinds as ours } from './kinds.js'
import { convertObjects, type ObjectKind } from './objects/index.js'
import {
  openArrowTable,
  openCsvTable,
  openHdf5Table,
  openNpyTable,
  type TableSource,
  writeArrowTable,
  writeCsvTable,
  writeHdf5Table,
  writeNpyTable,
} from './table/index.js'

export interface ConvertOptions {
  /** Replace an existing file */
  readonly force?: boolean
  /** The column for a NumPy file, which holds one array */
  readonly column?: string
  /** The kinds of object whose foreign layouts are converted; default those of io/kinds.ts */
  readonly kinds?: readonly ObjectKind<unknown>[]
  readonly signal?: AbortSignal
}

export interface Converted {
  readonly from: string
  readonly to: string
  readonly rows: number
  /** What the target cannot say, or the source holds beside its table */
  readonly leftOut: readonly string[]
}

type Format = 'h5' | 'arrow' | 'csv' | 'npy'

/**
 * Converts between HDF5, Arrow, csv and NumPy files by the endings of their names, and from foreign layouts of objects
 * (Quijote folders, `halos.npy`) to HDF5 and Arrow. Streams: one batch is in memory at a time.
 *
 * Galaxies to `.npy` give the layout `[sims, halos, 7]` with `<name>_cosmology.csv` beside it.
 * @throws UsageError for an unknown ending, an existing target without `force`, or columns that the target cannot hold;
 *   DataError for a bad source
 */
export async function convert(from: string, to: string, options: ConvertOptions = {}): Promise<Converted> {
  if (resolve(from) === resolve(to))
    throw new UsageError('expected two different files', `got ${from} twice`, 'name another output')
  const target = formatOf(to)
  refuseOverwrite(to, options.force)
  const { kinds = ours } = options
  const foreign = kinds.find(kind => kind.foreign?.some(layout => layout.converts(from)))
  if (foreign) return { from, to, ...(await convertObjects(foreign, from, to, options)) }
  const source = await openTable(from, formatOf(from))
  try {
    const shapes = source.columns.map(({ name, rowShape }) => ({ name, shape: [source.rows, ...rowShape] }))
    const kind = options.column === undefined ? kindOf(shapes, kinds) : undefined
    if (kind?.foreign?.some(({ writes }) => writes === extname(to).toLowerCase()))
      return { from, to, ...(await convertObjects(kind, from, to, options)) }
    const subject = target === 'h5' ? subjectOf(shapes, kinds) : null
    const attributes = { ...(subject !== null && { subject }), ...source.attributes }
    const rows = await writeTable(to, target, { ...source, attributes }, options)
    return { from, to, rows, leftOut: source.leftOut }
  } finally {
    source.close()
  }
}

function formatOf(path: string): Format {
  switch (extname(path).toLowerCase()) {
    case '.h5':
    case '.hdf5':
      return 'h5'
    case '.arrow':
    case '.feather':
    case '.arrows':
      return 'arrow'
    case '.csv':
      return 'csv'
    case '.npy':
      return 'npy'
    default:
      throw new UsageError(
        `expected a name ending in .h5 .hdf5 .arrow .csv or .npy`,
        `got ${basename(path)}`,
        'rename it',
      )
  }
}

async function openTable(path: string, format: Format): Promise<TableSource> {
  switch (format) {
    case 'h5':
      return openHdf5Table(path)
    case 'arrow':
      return openArrowTable(path)
    case 'csv':
      return openCsvTable(path)
    case 'npy':
      return openNpyTable(path)
  }
}

function writeTable(to: string, format: Format, table: TableSource, options: ConvertOptions): Promise<number> {
  switch (format) {
    case 'h5':
      return writeHdf5Table(to, table, options)
    case 'arrow':
      return writeArrowTable(to, table, options)
    case 'csv':
      return writeCsvTable(to, table, options)
    case 'npy':
      return writeNpyTable(to, table, options)
  }
}
