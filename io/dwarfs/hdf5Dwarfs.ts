import { DataError } from '../../core/index.js'
import { isNumeric, sizeOf, toFloat32, toFloat64, toNumbers } from '../columns.js'
import { type Hdf5File, openHdf5, readNumbers, startOffsets } from '../hdf5/index.js'
import { stopIfAborted } from '../turn.js'
import { checkedDwarf } from './check.js'
import { type DwarfFormat, type DwarfSource, dwarfParameterName, fieldLabels, priorOf } from './source.js'

/** Where a layout keeps what. Every star's dataset may be absent but the positions and velocities (or the features). */
interface Layout {
  readonly format: DwarfFormat
  readonly offsets: string
  readonly theta: string
  readonly positions?: string
  readonly velocities?: string
  readonly errors?: string
  readonly membership?: string
  /** `[N, 3]` x y v, `[N, 5]` x y vx vy v or `[N, 6]` x y z vx vy v, in place of positions and velocities */
  readonly features?: string
}

const OURS: Layout = {
  format: 'hdf5',
  offsets: 'offsets',
  theta: 'theta',
  positions: 'positions',
  velocities: 'velocities',
  errors: 'velocity_errors',
  membership: 'membership',
}

/** JeansGNN (Nguyen et al. 2023, arXiv 2208.12825): `write_graph_dataset` of its utils. */
const FIELD: Layout = {
  format: 'jeansgnn',
  offsets: 'ptr',
  theta: 'labels',
  positions: 'pos',
  velocities: 'vel',
  errors: 'vel_error',
}

/** dsphs_gnn, the code before JeansGNN: `write_ds` of its utils. */
const FEATURES: Layout = { format: 'dsphs_gnn', offsets: 'ptr', theta: 'labels', features: 'features' }

/** Stars that are read at once */
const BLOCK_STARS = 1 << 17

/**
 * Galaxies in HDF5, ragged, in our own layout or in either of two of the field's.
 *
 * - ours: `positions [N, 2]` kpc, `velocities [N]` and `velocity_errors [N]` km/s, `membership [N]` (may be absent),
 *   `offsets [n + 1]`, `theta [n, p]` with attribute `names` (absent for measured galaxies), and `prior` on the root.
 * - JeansGNN's `pos vel vel_error labels ptr`, `ptr` being the n ENDS (or n + 1 starts), `labels_order` on the root.
 *   Its `vel_error` is the error that was drawn and added, of either sign; the standard deviation is `error_los` on the
 *   root, and is taken from there.
 * - dsphs_gnn's `features ptr labels`: first x and y (kpc), last the velocity along z, whatever stands between; `verr`
 *   on the root holds mean and standard deviation of the errors that were added. Its labels have no names in the file
 *   unless `labels_order` gives them.
 *
 * @throws DataError that names what is missing, and offsets that fall or overrun
 */
export async function openHdf5Dwarfs(path: string): Promise<DwarfSource> {
  const file = await openHdf5(path)
  try {
    return await describe(file, path)
  } catch (error) {
    file.close()
    throw error
  }
}

async function describe(file: Hdf5File, path: string): Promise<DwarfSource> {
  const layout = layoutOf(file, path)
  const { format } = layout
  const total = requireStarsDatasets(file, path, layout)
  const theta = file.has(`/${layout.theta}`) ? `/${layout.theta}` : undefined
  const shape = theta ? (file.dataset(theta).shape ?? []) : []
  if (theta && shape.length !== 2) {
    throw new DataError(
      `expected ${layout.theta} [n, p] in ${path}`,
      `got [${shape.join(', ')}]`,
      'see `stipple inspect`',
    )
  }
  const stored = await readNumbers(file, `/${layout.offsets}`)
  const offsets = startOffsets(path, stored, total, theta ? shape[0] : undefined)
  const count = offsets.length - 1
  if (count === 0) throw new DataError(`expected at least one galaxy in ${path}`, 'got none', 'check the file')
  const names = theta ? namesOf(file, path, layout, shape[1]) : []
  const has = (name: string | undefined): name is string => name !== undefined && file.has(`/${name}`)
  const { errors, membership, features, positions: places, velocities: speeds } = layout
  const errorLos = format === 'hdf5' ? undefined : toldError(file)
  const width = features === undefined ? 0 : (file.dataset(`/${features}`).shape?.[1] ?? 0)
  async function* read(from: number, to: number, signal?: AbortSignal) {
    const end = Math.min(to, count)
    for (let first = Math.max(from, 0); first < end; ) {
      stopIfAborted(signal)
      let last = first + 1
      while (last < end && offsets[last + 1] - offsets[first] <= BLOCK_STARS) last++
      const region = { offset: [offsets[first]], count: [offsets[last] - offsets[first]] }
      const block = async (name: string) => toFloat32(await readNumbers(file, `/${name}`, region, signal))
      const both = features ? await block(features) : undefined
      const positions = both ? both.filter((_, i) => i % width < 2) : await block(places ?? '')
      const velocities = both ? both.filter((_, i) => i % width === width - 1) : await block(speeds ?? '')
      const velocityErrors =
        errorLos === undefined && has(errors)
          ? await block(errors)
          : new Float32Array(region.count[0]).fill(errorLos ?? 0)
      const probabilities = has(membership) ? await block(membership) : undefined
      const rows = { offset: [first], count: [last - first] }
      const parameters = theta ? toFloat64(await readNumbers(file, theta, rows, signal)) : undefined
      for (let index = first; index < last; index++) {
        const [start, stop] = [offsets[index] - offsets[first], offsets[index + 1] - offsets[first]]
        const own = (index - first) * names.length
        yield checkedDwarf(`${path}, galaxy ${index}`, {
          positions: positions.slice(2 * start, 2 * stop),
          velocities: velocities.slice(start, stop),
          velocityErrors: velocityErrors.slice(start, stop),
          membership: probabilities?.slice(start, stop),
          theta: Object.fromEntries(names.map((name, p) => [name, parameters?.[own + p] ?? Number.NaN])),
        })
      }
      first = last
    }
  }
  let maxStars = 0
  for (let i = 0; i < count; i++) maxStars = Math.max(maxStars, offsets[i + 1] - offsets[i])
  const prior = priorOf(file.attribute('prior'))
  const told = { path, format, count, names, totalStars: total, maxStars, membership: has(membership) }
  return { ...told, ...(prior !== undefined && { prior }), read, close: () => file.close() }
}

function layoutOf(file: Hdf5File, path: string): Layout {
  const has = (name: string) => file.has(`/${name}`)
  if (has('features') && has('ptr')) return FEATURES
  const layout = has('pos') || has('vel') ? FIELD : OURS
  const needed = [layout.positions, layout.velocities, layout.offsets, ...(layout === OURS ? [layout.errors] : [])]
  const missing = needed.find(name => name !== undefined && !has(name))
  if (missing === undefined) return layout
  const names = file.children('/').map(link => link.path.slice(1))
  const wanted =
    missing === 'velocities' || missing === 'vel' ? `line-of-sight velocities (${missing} [N], km/s)` : missing
  throw new DataError(
    `expected ${wanted} in ${path}`,
    `got ${names.slice(0, 8).join(' ') || 'an empty file'}`,
    'see the dwarfs layout, and `stipple inspect`',
  )
}

/** The number of stars in all; refuses datasets of another shape. */
function requireStarsDatasets(file: Hdf5File, path: string, layout: Layout): number {
  const lead = layout.features ?? layout.positions ?? ''
  const total = file.dataset(`/${lead}`).shape?.[0] ?? 0
  const shapes: readonly [string | undefined, readonly number[]][] = [
    [lead, [total, layout.features === undefined ? 2 : featuresWidth(file, path, lead)]],
    [layout.velocities, [total]],
    [layout.errors, [total]],
    [layout.membership, [total]],
  ]
  for (const [name, wanted] of shapes) {
    if (name === undefined || !file.has(`/${name}`)) continue
    const shape = file.dataset(`/${name}`).shape ?? []
    const column = shape.length === 2 && shape[1] === 1 ? [shape[0]] : shape
    if (column.join() === wanted.join() && sizeOf(shape) > 0) continue
    throw new DataError(
      `expected ${name} [${wanted.join(', ')}] in ${path}`,
      `got [${shape.join(', ')}]`,
      'one row a star, see the dwarfs layout',
    )
  }
  return total
}

function featuresWidth(file: Hdf5File, path: string, name: string): number {
  const width = file.dataset(`/${name}`).shape?.[1] ?? 1
  if ([3, 5, 6].includes(width)) return width
  throw new DataError(
    `expected ${name} [N, 3], [N, 5] or [N, 6] in ${path}: x, y, …, v`,
    `got ${width} columns`,
    'see the dwarfs layout',
  )
}

function namesOf(file: Hdf5File, path: string, layout: Layout, parameters: number): string[] {
  const attribute = layout.format === 'hdf5' ? file.attribute('names', '/theta') : file.attribute('labels_order')
  const stored =
    attribute ?? (layout.format === 'jeansgnn' && parameters === fieldLabels.length ? fieldLabels : undefined)
  if (stored === undefined && layout.format === 'dsphs_gnn')
    return Array.from({ length: parameters }, (_, p) => `label_${p}`)
  if (!Array.isArray(stored) || stored.length !== parameters) {
    const where = layout.format === 'hdf5' ? 'the attribute names of theta' : 'the attribute labels_order'
    const got = stored === undefined ? 'none' : String(stored)
    throw new DataError(`expected ${parameters} names in ${where} in ${path}`, `got ${got}`, 'write them')
  }
  return stored.map(name => dwarfParameterName(String(name)))
}

/**
 * The standard deviation of the errors that the field's codes added: JeansGNN's `error_los`, or the second of
 * dsphs_gnn's `verr`.
 */
function toldError(file: Hdf5File): number | undefined {
  const stored = file.attribute('error_los') ?? file.attribute('verr')
  if (typeof stored === 'number' || typeof stored === 'bigint') return Number(stored)
  return isNumeric(stored) ? toNumbers(stored).at(-1) : undefined
}
