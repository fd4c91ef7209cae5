import { existsSync, readdirSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { DataError } from '../../core/index.js'
import { readPlainTable } from '../csv.js'
import { tabPath } from './friendsOfFriends.js'
import { gadgetFirstPart } from './gadget.js'

/** Redshift of snapshot 0 … 4 in most of Quijote (quijote-simulations.readthedocs.io, "Halo catalogs"). */
export const quijoteRedshifts: readonly number[] = [3, 2, 1, 0.5, 0]

/** Mpc/h */
export const quijoteBox = 1000

/** One simulation of a Quijote folder: where its halos or particles lie and what its cosmology is. */
export interface Realisation {
  readonly folder: string
  readonly name: string
  readonly kind: 'halos' | 'particles'
  /** omega_m, omega_b, h, n_s, sigma_8; undefined where no file gives them */
  readonly theta?: Readonly<Record<string, number>>
}

const parameterNames = ['omega_m', 'omega_b', 'h', 'n_s', 'sigma_8']

/**
 * The simulations of a Quijote folder as downloaded: `145/groups_004/group_tab_004.0` (halos) or
 * `145/snapdir_004/snap_004.0.hdf5` (particles), with realisations as folders by number, or the folder of one
 * realisation itself. The cosmology is the row of that number in `latin_hypercube_params.txt` in the folder or up to
 * two above it; in a folder named `fiducial` it is Quijote's fiducial one.
 */
export async function findRealisations(path: string, snapshot: number): Promise<Realisation[]> {
  const own = kindOf(path, snapshot)
  const numbers = readdirSync(path, { withFileTypes: true })
    .filter(entry => /^\d+$/.test(entry.name) && (entry.isDirectory() || entry.isSymbolicLink()))
    .map(entry => entry.name)
    .sort((a, b) => Number(a) - Number(b))
  const folders = own ? [resolve(path)] : numbers.map(name => join(path, name))
  const found = folders
    .map(folder => ({ folder, kind: kindOf(folder, snapshot) }))
    .filter(entry => entry.kind !== undefined)
  if (found.length === 0) {
    const number = String(snapshot).padStart(3, '0')
    const wanted = `groups_${number}/group_tab_${number}.0 or snapdir_${number}/snap_${number}.0.hdf5`
    throw new DataError(
      `expected ${wanted} in ${path} or in its numbered folders`,
      'got neither',
      'give the folder of realisations, or another snapshot',
    )
  }
  const cosmologies = await cosmologyTable(resolve(path))
  // Where some realisations have halos, those with particles alone are another data product.
  const kept = found.some(({ kind }) => kind === 'halos') ? found.filter(({ kind }) => kind === 'halos') : found
  return kept.map(({ folder, kind }) => ({
    folder,
    name: basename(folder),
    kind: kind!,
    theta: cosmologies(basename(folder)),
  }))
}

/** Is this a folder of Quijote's layout? */
export function looksLikeQuijote(path: string, snapshot = 4): boolean {
  const kinds = [
    path,
    ...readdirSync(path)
      .filter(name => /^\d+$/.test(name))
      .slice(0, 20)
      .map(name => join(path, name)),
  ]
  return kinds.some(folder => kindOf(folder, snapshot) !== undefined)
}

export function snapshotBase(folder: string, snapshot: number): string {
  const number = String(snapshot).padStart(3, '0')
  return join(folder, `snapdir_${number}`, `snap_${number}`)
}

function kindOf(folder: string, snapshot: number): Realisation['kind'] | undefined {
  if (existsSync(tabPath(folder, snapshot, 0))) return 'halos'
  return gadgetFirstPart(snapshotBase(folder, snapshot)) ? 'particles' : undefined
}

type Lookup = (name: string) => Readonly<Record<string, number>> | undefined

async function cosmologyTable(path: string): Promise<Lookup> {
  const folders = [path, dirname(path), dirname(dirname(path))]
  const file = folders.map(folder => join(folder, 'latin_hypercube_params.txt')).find(existsSync)
  if (file) {
    const { rows, width, values } = await readPlainTable(file)
    if (width !== parameterNames.length)
      throw new DataError(
        `expected ${parameterNames.length} columns (${parameterNames.join(' ')}) in ${file}`,
        `got ${width}`,
        'check it',
      )
    return name => {
      const row = Number(name)
      if (!(row < rows))
        throw new DataError(
          `expected a row for realisation ${name} in ${file}`,
          `got ${rows} rows`,
          'fetch the whole table',
        )
      return Object.fromEntries(parameterNames.map((key, p) => [key, values[row * width + p]]))
    }
  }
  const fiducial = folders.slice(0, 2).some(folder => basename(folder).startsWith('fiducial'))
  return () => (fiducial ? { omega_m: 0.3175, omega_b: 0.049, h: 0.6711, n_s: 0.9624, sigma_8: 0.834 } : undefined)
}
