import { existsSync, statSync } from 'node:fs'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { UsageError } from '../core/index.js'
import { refuseOverwrite } from './atomic.js'
import { writeCsv } from './csv.js'
import type { Field } from './galaxies/field.js'
import { describeFields, readFields, writeFields } from './galaxies/index.js'
import { createNpy } from './npy/index.js'
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
 * Converts between HDF5, Arrow, csv and NumPy files by the endings of their names, and from Quijote folders and
 * `halos.npy` to HDF5 (and from there on). Streams: one batch is in memory at a time.
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
  const folder = statSync(from, { throwIfNoEntry: false })?.isDirectory() === true
  if (folder || isHalosNpy(from)) return convertFields(from, to, target, options)
  const source = await openTable(from, formatOf(from))
  try {
    const galaxies = source.columns.some(
      ({ name, rowShape }) => name === 'positions' && rowShape.length === 2 && rowShape[1] === 3,
    )
    if (target === 'npy' && galaxies && options.column === undefined)
      return await convertFields(from, to, target, options)
    const rows = await writeTable(to, target, source, options)
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

function isHalosNpy(path: string): boolean {
  const csv = join(dirname(path), `${basename(path, '.npy').replace('halos', 'cosmology')}.csv`)
  return path.endsWith('halos.npy') && existsSync(csv)
}

/** By way of checked fields: from the layouts of others, and into the reference's. */
async function convertFields(from: string, to: string, target: Format, options: ConvertOptions): Promise<Converted> {
  const { signal, force } = options
  if (target === 'npy') return { from, to, rows: await writeHalosNpy(from, to, options), leftOut: ['box', 'units'] }
  const { maxPoints } = await describeFields(from)
  if (target === 'h5') {
    const rows = await writeFields(to, readFields(from, { signal }), { seed: 0, points: maxPoints, force })
    return { from, to, rows, leftOut: [] }
  }
  throw new UsageError(`expected .h5 or .npy for ${from}`, `got ${to}`, 'convert to .h5 first')
}

async function writeHalosNpy(from: string, to: string, options: ConvertOptions): Promise<number> {
  const { count, maxPoints, names, velocities, logMass } = await describeFields(from)
  if (!velocities || !logMass) {
    throw new UsageError(
      `expected velocities and masses in ${from} for [sims, halos, 7]`,
      'got none',
      'name one array by --column',
    )
  }
  const csv = to.endsWith('halos.npy') ? to.replace(/halos\.npy$/, 'cosmology.csv') : to.replace(/\.npy$/, '.csv')
  refuseOverwrite(csv, options.force)
  const theta = Object.fromEntries(names.map(name => [name, new Float64Array(count)]))
  const writer = createNpy(to, 'f4', [count, maxPoints, 7], options.force)
  try {
    let row = 0
    for await (const field of readFields(from, { signal: options.signal })) {
      writer.append(halosOf(field, maxPoints))
      for (const name of names) theta[name][row] = field.theta[name]
      row++
    }
    writer.close()
  } finally {
    writer.discard()
  }
  writeCsv(csv, theta)
  return count
}

/** x y z vx vy vz M a halo; rows of zeros pad a field. */
function halosOf(field: Field, points: number): Float32Array {
  const out = new Float32Array(7 * points)
  const { velocities, logMass } = field
  if (!velocities || !logMass) return out
  for (let i = 0; i < field.points; i++) {
    for (let axis = 0; axis < 3; axis++) {
      out[7 * i + axis] = field.positions[3 * i + axis]
      out[7 * i + 3 + axis] = velocities[3 * i + axis]
    }
    out[7 * i + 6] = 10 ** logMass[i]
  }
  return out
}
