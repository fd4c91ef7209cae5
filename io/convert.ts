import { basename, extname, resolve } from 'node:path'
import { UsageError } from '../core/index.js'
import { refuseOverwrite } from './atomic.js'
import { kindOf, subjectOf } from './inspect/subject.js'
import { kinds as ours } from './kinds.js'
import { convertObjects, type ObjectKind } from './objects/index.js'
import { openTable, type TableSource, tableFormat, writeTable } from './table/index.js'

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
    const subject = target === 'hdf5' ? subjectOf(shapes, kinds) : null
    const attributes = { ...(subject !== null && { subject }), ...source.attributes }
    const rows = await writeTable(to, target, { ...source, attributes }, options)
    return { from, to, rows, leftOut: source.leftOut }
  } finally {
    source.close()
  }
}

function formatOf(path: string): TableSource['format'] {
  const format = tableFormat(path)
  if (format) return format
  throw new UsageError('expected a name ending in .h5 .hdf5 .arrow .csv or .npy', `got ${basename(path)}`, 'rename it')
}
