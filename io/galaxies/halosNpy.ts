import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { DataError, periodicBox } from '../../core/index.js'
import { toFloat64 } from '../columns.js'
import { readCsvTable } from '../csv.js'
import { npySlices, readNpyHeader } from '../npy/index.js'
import { checkedField, heaviest } from './check.js'
import type { Field } from './field.js'
import { type FieldOptions, type FieldSource, parameterName } from './source.js'

/**
 * The layout of point-cloud-galaxy-diffusion: `halos.npy [sims, halos, 7]` = x y z (Mpc/h), vx vy vz (km/s), M
 * (Msun/h), with a csv of one row a simulation (Omega_m, Omega_b, h, n_s, sigma_8) beside it. The csv of
 * `train_halos.npy` is `train_cosmology.csv`, else the only one named `cosmology.csv`. Rows of mass 0 are padding. The
 * file has no box: 1000 Mpc/h unless told.
 */
export async function openHalosNpy(path: string, options: FieldOptions = {}): Promise<FieldSource> {
  const { shape } = readNpyHeader(path)
  if (shape.length !== 3 || shape[2] !== 7 || shape[0] === 0) {
    const got = `got [${shape.join(', ')}]`
    throw new DataError(`expected [sims, halos, 7] (x y z vx vy vz M) in ${path}`, got, 'check the file')
  }
  const [n, points] = shape
  const csv = cosmologyOf(path)
  const table = await readCsvTable(csv)
  if (table.rows !== n)
    throw new DataError(`expected ${n} rows in ${csv}, one a simulation`, `got ${table.rows}`, 'match it to the halos')
  const columns = Object.entries(table.columns).filter(
    ([name]) => name !== '' && !/^(unnamed|index|seed|sim)/i.test(name),
  )
  const names = columns.map(([name]) => parameterName(name))
  const box = periodicBox(options.box ?? 1000)

  async function* read(from: number, to: number, signal?: AbortSignal): AsyncGenerator<Field> {
    for await (const slice of npySlices(path, { from, to, signal })) {
      const values = toFloat64(slice.values)
      for (let i = 0; i < slice.shape[0]; i++) {
        const rows = values.subarray(i * points * 7, (i + 1) * points * 7)
        const theta = Object.fromEntries(columns.map(([, column], p) => [names[p], column[slice.start + i]]))
        const raw = splitRows(`${path}, row ${slice.start + i}`, rows)
        yield heaviest(checkedField(`${path}, row ${slice.start + i}`, { ...raw, box, theta }), options.maxPoints)
      }
    }
  }
  const maxPoints = Math.min(points, options.maxPoints ?? points)
  const summary = { count: n, maxPoints, names, box, velocities: true, logMass: true }
  return { path, format: 'halos.npy', summary, read, close: () => undefined }
}

function splitRows(
  where: string,
  rows: Float64Array,
): { positions: Float32Array; velocities: Float32Array; logMass: Float32Array } {
  const kept: number[] = []
  for (let i = 0; i < rows.length; i += 7) {
    const mass = rows[i + 6]
    if (!Number.isFinite(mass) || mass < 0)
      throw new DataError(`expected masses in Msun/h in ${where}`, `got ${mass}`, 'mend that row')
    if (mass > 0) kept.push(i)
  }
  const positions = new Float32Array(3 * kept.length)
  const velocities = new Float32Array(3 * kept.length)
  const logMass = new Float32Array(kept.length)
  kept.forEach((at, point) => {
    positions.set(rows.subarray(at, at + 3), 3 * point)
    velocities.set(rows.subarray(at + 3, at + 6), 3 * point)
    // No halo weighs less than 100 Msun/h: such numbers are logarithms already.
    logMass[point] = rows[at + 6] < 100 ? rows[at + 6] : Math.log10(rows[at + 6])
  })
  return { positions, velocities, logMass }
}

function cosmologyOf(path: string): string {
  const folder = dirname(path)
  const stem = basename(path, '.npy')
  const names = [`${stem.replace('halos', 'cosmology')}.csv`, `${stem}.csv`, 'cosmology.csv']
  const found = names.map(name => join(folder, name)).find(name => name !== path && existsSync(name))
  if (!found) {
    throw new DataError(
      `expected the cosmologies of ${path} in ${names.join(' or ')} beside it`,
      'got none of them',
      'add the csv (Omega_m … )',
    )
  }
  return found
}
