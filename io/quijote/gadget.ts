import { existsSync } from 'node:fs'
import { DataError } from '../../core/index.js'
import { isNumeric, toFloat32, toNumbers } from '../columns.js'
import { type Hdf5File, openHdf5, slices, withHdf5 } from '../hdf5/index.js'

/** The header of a Gadget snapshot in HDF5, in our units. */
export interface GadgetHeader {
  readonly path: string
  /** Mpc/h */
  readonly box: number
  /** Scale factor */
  readonly time: number
  readonly redshift: number
  readonly omegaM: number
  /** H0 / (100 km/s/Mpc) */
  readonly h: number
  /** Msun/h of one particle of each type; 0 where particles have masses of their own */
  readonly masses: readonly number[]
  /** Number of particles of each type in the whole snapshot */
  readonly particles: readonly number[]
  readonly parts: readonly string[]
}

export interface GadgetSlice {
  readonly start: number
  readonly count: number
  /** Mpc/h `[count, 3]` */
  readonly positions: Float32Array
  /** Peculiar velocity, km/s `[count, 3]`, where the snapshot has them */
  readonly velocities?: Float32Array
}

/**
 * The header of `snap_XXX.hdf5`, or of `snap_XXX.0.hdf5`, `.1.hdf5` …; `base` with or without these endings. Lengths
 * are taken from kpc/h and masses from 1e10 Msun/h, Gadget's units in Quijote and most public simulations.
 */
export async function readGadgetHeader(base: string): Promise<GadgetHeader> {
  const first = firstPart(base)
  return withHdf5(first, async file => {
    const numbers = (name: string): number[] => attributeNumbers(file, name)
    const one = (name: string): number => numbers(name)[0]
    const parts = one('NumFilesPerSnapshot')
    const low = numbers('NumPart_Total')
    const high =
      file.attribute('NumPart_Total_HighWord', '/Header') === undefined
        ? low.map(() => 0)
        : numbers('NumPart_Total_HighWord')
    const own = first.replace(/\.0\.hdf5$/, '')
    return {
      path: base,
      box: one('BoxSize') / 1e3,
      time: one('Time'),
      redshift: one('Redshift'),
      omegaM: one('Omega0'),
      h: one('HubbleParam'),
      masses: numbers('MassTable').map(mass => mass * 1e10),
      particles: low.map((count, type) => count + high[type] * 2 ** 32),
      parts: parts > 1 ? Array.from({ length: parts }, (_, part) => `${own}.${part}.hdf5`) : [first],
    }
  })
}

/** Particles of one type, slice by slice through all parts. Type 1 is cold dark matter. */
export async function* gadgetParticles(
  header: GadgetHeader,
  type = 1,
  options: { readonly rows?: number; readonly signal?: AbortSignal } = {},
): AsyncGenerator<GadgetSlice> {
  let start = 0
  for (const path of header.parts) {
    const file = await openHdf5(path)
    try {
      const group = `/PartType${type}`
      if (!file.has(group)) continue
      const velocities = file.has(`${group}/Velocities`) ? file.dataset(`${group}/Velocities`) : undefined
      for await (const slice of slices(file, `${group}/Coordinates`, options)) {
        const count = slice.shape[0]
        const positions = scaled(asFloats(path, slice.values), 1e-3)
        const speeds = await velocities?.read({ offset: [slice.start], count: [count] }, options.signal)
        // Gadget stores v / sqrt(a).
        yield { start, count, positions, velocities: speeds && scaled(asFloats(path, speeds), Math.sqrt(header.time)) }
        start += count
      }
    } finally {
      file.close()
    }
  }
  if (start !== header.particles[type]) {
    throw new DataError(
      `expected ${header.particles[type]} particles of type ${type} in ${header.path}`,
      `got ${start}`,
      'fetch all its parts',
    )
  }
}

/** The first file of a snapshot, or undefined. */
export function gadgetFirstPart(base: string): string | undefined {
  return [base, `${base}.hdf5`, `${base}.0.hdf5`].find(path => path.endsWith('.hdf5') && existsSync(path))
}

function firstPart(base: string): string {
  const found = gadgetFirstPart(base)
  if (!found)
    throw new DataError(`expected a Gadget snapshot at ${base}.hdf5 or ${base}.0.hdf5`, 'got neither', 'check the path')
  return found
}

function attributeNumbers(file: Hdf5File, name: string): number[] {
  const group = ['/Header', '/Parameters'].find(path => file.has(path) && file.attribute(name, path) !== undefined)
  const value = group && file.attribute(name, group)
  if (typeof value === 'number' || typeof value === 'bigint') return [Number(value)]
  if (isNumeric(value)) return toNumbers(value)
  throw new DataError(
    `expected the number ${name} in the Header of ${file.path}`,
    'got none',
    'check that it is a Gadget snapshot',
  )
}

function asFloats(path: string, column: unknown): Float32Array {
  if (isNumeric(column)) return toFloat32(column)
  throw new DataError(
    `expected numbers for the particles of ${path}`,
    'got another type',
    'check that it is a Gadget snapshot',
  )
}

function scaled(values: Float32Array, factor: number): Float32Array {
  return values.map(value => value * factor)
}
