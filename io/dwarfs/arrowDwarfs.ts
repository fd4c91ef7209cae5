import { DataError } from '../../core/index.js'
import { type ArrowFile, openArrow } from '../arrow/index.js'
import { type Column, isNumeric, toFloat32, toFloat64 } from '../columns.js'
import { checkedDwarf } from './check.js'
import { type DwarfSource, dwarfParameterName, priorOf } from './source.js'

/**
 * Galaxies in an Arrow file, one row a galaxy, as `stipple convert` makes it of our HDF5 layout: lists `positions` (of
 * pairs, kpc), `velocities` and `velocity_errors` (km/s), `membership` (may be absent), and `theta` with its names,
 * comma-separated, in the column's metadata.
 *
 * @throws DataError that names what is missing
 */
export async function openArrowDwarfs(path: string): Promise<DwarfSource> {
  const file = openArrow(path)
  try {
    return await describe(file, path)
  } catch (error) {
    file.close()
    throw error
  }
}

async function describe(file: ArrowFile, path: string): Promise<DwarfSource> {
  const info = (name: string) => file.columns.find(column => column.name === name)
  for (const name of ['positions', 'velocities', 'velocity_errors']) {
    if (info(name)?.type.startsWith('List<') || info(name)?.type.startsWith('LargeList<')) continue
    const got = info(name)?.type ?? `only ${file.columns.map(column => column.name).join(' ')}`
    throw new DataError(`expected the column ${name} of lists in ${path}`, `got ${got}`, 'see the dwarfs layout')
  }
  const theta = info('theta')
  const names = (theta?.metadata.names ?? '')
    .split(',')
    .filter(name => name !== '')
    .map(dwarfParameterName)
  if (theta && names.length !== theta.rowShape[0]) {
    const got = names.join(',') || 'none'
    throw new DataError(
      `expected ${theta.rowShape[0]} names in the metadata of theta of ${path}`,
      `got ${got}`,
      'write them, comma-separated',
    )
  }
  const membership = info('membership') !== undefined
  const columns = ['positions', 'velocities', 'velocity_errors', 'membership', 'theta'].filter(name => info(name))

  async function* read(from: number, to: number, signal?: AbortSignal) {
    for await (const batch of file.batches({ from, to, columns, signal })) {
      const parameters = batch.columns.theta
      const values = isNumeric(parameters) ? toFloat64(parameters) : new Float64Array(0)
      for (let row = Math.max(0, from - batch.start); row < Math.min(batch.rows, to - batch.start); row++) {
        const list = (name: string) => toFloat32(listOf(path, name, batch.columns[name], row)).slice()
        yield checkedDwarf(`${path}, galaxy ${batch.start + row}`, {
          positions: list('positions'),
          velocities: list('velocities'),
          velocityErrors: list('velocity_errors'),
          membership: membership ? list('membership') : undefined,
          theta: Object.fromEntries(names.map((name, p) => [name, values[row * names.length + p]])),
        })
      }
    }
  }
  // Arrow tells no lengths without the lists: one pass over the velocities, a batch at a time.
  let [totalStars, maxStars] = [0, 0]
  for await (const batch of file.batches({ columns: ['velocities'] })) {
    for (let row = 0; row < batch.rows; row++) {
      const { length } = listOf(path, 'velocities', batch.columns.velocities, row)
      totalStars += length
      maxStars = Math.max(maxStars, length)
    }
  }
  if (file.rows === 0) throw new DataError(`expected at least one galaxy in ${path}`, 'got none', 'check the file')
  const prior = priorOf(file.metadata.prior)
  const told = { path, format: 'arrow' as const, count: file.rows, names, totalStars, maxStars, membership }
  return { ...told, ...(prior !== undefined && { prior }), read, close: () => file.close() }
}

function listOf(path: string, name: string, column: Column | undefined, row: number) {
  const list = Array.isArray(column) ? (column as readonly Column[])[row] : undefined
  if (list !== undefined && isNumeric(list)) return list
  throw new DataError(`expected a list of numbers in ${name} of ${path}, row ${row}`, 'got none', 'write it again')
}
