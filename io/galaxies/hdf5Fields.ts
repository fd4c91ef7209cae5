import { type Box, DataError } from '../../core/index.js'
import { isNumeric, sizeOf, toFloat32, toFloat64, toNumbers } from '../columns.js'
import { type Hdf5File, openHdf5, readNumbers, rowsPerBlock } from '../hdf5/index.js'
import { stopIfAborted } from '../turn.js'
import { checkedField, heaviest } from './check.js'
import type { Field } from './field.js'
import { type FieldOptions, type FieldSource, parameterName } from './source.js'

/**
 * Fields in our own HDF5 layout: `positions [n, points, 3]` Mpc/h, `velocities [n, points, 3]` km/s, `log_mass [n,
 * points]`, `mask [n, points]`, `theta [n, p]` with attribute `names`, and the attribute `box` (Mpc/h) on the root.
 * Velocities, masses and mask may be absent.
 */
export async function openHdf5Fields(path: string, options: FieldOptions = {}): Promise<FieldSource> {
  const file = await openHdf5(path)
  try {
    return await describe(file, path, options)
  } catch (error) {
    file.close()
    throw error
  }
}

async function describe(file: Hdf5File, path: string, options: FieldOptions): Promise<FieldSource> {
  const [n, points] = shapeOf(file, path, 'positions', [null, null, 3])
  const [, parameters] = shapeOf(file, path, 'theta', [n, null])
  const velocities = file.has('/velocities')
  const logMass = file.has('/log_mass')
  const mask = file.has('/mask')
  if (velocities) shapeOf(file, path, 'velocities', [n, points, 3])
  if (logMass) shapeOf(file, path, 'log_mass', [n, points])
  if (mask) shapeOf(file, path, 'mask', [n, points])
  const names = namesOf(file, path, parameters)
  const box = boxOf(file, path)
  const theta = toFloat64(await readNumbers(file, '/theta'))
  const rowBytes = points * 4 * (3 + (velocities ? 3 : 0) + (logMass ? 1 : 0) + (mask ? 1 : 0))
  const rows = rowsPerBlock(rowBytes, file.dataset('/positions').chunks?.[0])
  const maxPoints = Math.min(points, options.maxPoints ?? points)

  async function* read(from: number, to: number, signal?: AbortSignal): AsyncGenerator<Field> {
    for (let start = from; start < Math.min(to, n); start += rows) {
      stopIfAborted(signal)
      const count = Math.min(rows, to - start, n - start)
      const block = async (name: string) =>
        toFloat32(await readNumbers(file, `/${name}`, { offset: [start], count: [count] }, signal))
      const positions = await block('positions')
      const speeds = velocities ? await block('velocities') : undefined
      const masses = logMass ? await block('log_mass') : undefined
      const masks = mask ? await block('mask') : undefined
      for (let i = 0; i < count; i++) {
        const cut = (values: Float32Array | undefined, width: number) =>
          values?.slice(i * points * width, (i + 1) * points * width)
        const keep = masks?.subarray(i * points, (i + 1) * points)
        const where = `${path}, row ${start + i}`
        const field = checkedField(where, {
          positions: masked(cut(positions, 3), keep, 3)!,
          velocities: masked(cut(speeds, 3), keep, 3),
          logMass: masked(cut(masses, 1), keep, 1),
          box,
          theta: Object.fromEntries(names.map((name, p) => [name, theta[(start + i) * parameters + p]])),
        })
        yield heaviest(field, options.maxPoints)
      }
    }
  }
  return {
    path,
    format: 'hdf5',
    summary: { count: n, maxPoints, names, box, velocities, logMass },
    read,
    close: () => file.close(),
  }
}

/** Only the points whose mask is set; padding may hold anything. */
function masked(
  values: Float32Array | undefined,
  mask: Float32Array | undefined,
  width: number,
): Float32Array | undefined {
  if (!values || !mask || mask.every(m => m !== 0)) return values
  const kept = mask.reduce((sum, m) => sum + (m !== 0 ? 1 : 0), 0)
  const out = new Float32Array(kept * width)
  let at = 0
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] === 0) continue
    for (let c = 0; c < width; c++) out[at++] = values[i * width + c]
  }
  return out
}

function shapeOf(file: Hdf5File, path: string, name: string, wanted: readonly (number | null)[]): readonly number[] {
  const text = `[${wanted.map((size, axis) => size ?? ['n', name === 'theta' ? 'p' : 'points'][axis]).join(', ')}]`
  if (!file.has(`/${name}`)) {
    throw new DataError(
      `expected the dataset ${name} ${text} in ${path}`,
      'got a file without it',
      'see the galaxies layout, and `stipple inspect`',
    )
  }
  const shape = file.dataset(`/${name}`).shape ?? []
  if (shape.length !== wanted.length || wanted.some((size, axis) => size !== null && size !== shape[axis])) {
    throw new DataError(
      `expected ${name} ${text} in ${path}`,
      `got [${shape.join(', ')}]`,
      'see the galaxies layout, and `stipple inspect`',
    )
  }
  if (sizeOf(shape) === 0)
    throw new DataError(`expected at least one field in ${path}`, `got ${name} [${shape.join(', ')}]`, 'check the file')
  return shape
}

function namesOf(file: Hdf5File, path: string, parameters: number): string[] {
  const names = file.attribute('names', '/theta')
  if (!Array.isArray(names) || names.length !== parameters) {
    const got = names === undefined ? 'none' : String(names)
    throw new DataError(
      `expected ${parameters} names in the attribute names of theta in ${path}`,
      `got ${got}`,
      'write them',
    )
  }
  const known = names.map(name => parameterName(String(name)))
  const twice = known.find((name, i) => known.indexOf(name) < i)
  if (twice !== undefined)
    throw new DataError(
      `expected different names in the attribute names of theta in ${path}`,
      `got ${twice} twice`,
      'correct them',
    )
  return known
}

function boxOf(file: Hdf5File, path: string): Box {
  const stored = file.attribute('box') ?? file.attribute('box', '/positions')
  const lengths =
    typeof stored === 'number' || typeof stored === 'bigint'
      ? [Number(stored)]
      : isNumeric(stored)
        ? toNumbers(stored)
        : []
  const box = lengths.length === 1 ? [lengths[0], lengths[0], lengths[0]] : lengths
  if (box.length !== 3 || box.some(length => !(length > 0 && length < Number.POSITIVE_INFINITY))) {
    throw new DataError(
      `expected the attribute box (Mpc/h) on ${path}`,
      `got ${stored === undefined ? 'none' : String(stored)}`,
      'write it',
    )
  }
  return box
}
