import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { DataError, periodicBox, UsageError } from '../../core/index.js'
import { refuseOverwrite } from '../atomic.js'
import { toFloat64 } from '../columns.js'
import { readCsvTable, writeCsv } from '../csv.js'
import { createNpy, npySlices, readNpyHeader } from '../npy/index.js'
import type { ForeignLayout, ObjectSource, OpenedObjects, WriteForeignOptions } from '../objects/index.js'
import { checkedField } from './check.js'
import type { Field } from './field.js'
import { parameterName } from './parameterName.js'

/**
 * The layout of point-cloud-galaxy-diffusion: `halos.npy [sims, halos, 7]` = x y z (Mpc/h), vx vy vz (km/s), M
 * (Msun/h), with a csv of one row a simulation (Omega_m, Omega_b, h, n_s, sigma_8) beside it. The csv of
 * `train_halos.npy` is `train_cosmology.csv`, else the only one named `cosmology.csv`. Rows of mass 0 are padding. The
 * file has no box: 1000 Mpc/h where the caller gives none.
 */
export const halosNpy: ForeignLayout<Field, { readonly box?: number }> = {
  format: 'halos.npy',
  opens: path => path.toLowerCase().endsWith('.npy') || existsSync(join(path, 'halos.npy')),
  converts: path =>
    existsSync(join(path, 'halos.npy')) || (path.endsWith('halos.npy') && existsSync(cosmologyNames(path)[0])),
  open: openHalosNpy,
  writes: '.npy',
  write: writeHalosNpy,
}

async function openHalosNpy(path: string, options: { readonly box?: number }): Promise<OpenedObjects<Field>> {
  const file = existsSync(join(path, 'halos.npy')) ? join(path, 'halos.npy') : path
  const { shape } = readNpyHeader(file)
  if (shape.length !== 3 || shape[2] !== 7 || shape[0] === 0) {
    const got = `got [${shape.join(', ')}]`
    throw new DataError(`expected [sims, halos, 7] (x y z vx vy vz M) in ${file}`, got, 'check the file')
  }
  const [count, mostPoints] = shape
  const csv = cosmologyOf(file)
  const table = await readCsvTable(csv)
  if (table.rows !== count) {
    const expected = `expected ${count} rows in ${csv}, one a simulation`
    throw new DataError(expected, `got ${table.rows}`, 'match it to the halos')
  }
  const parameters = Object.entries(table.columns).filter(
    ([name]) => name !== '' && !/^(unnamed|index|seed|sim)/i.test(name),
  )
  const names = parameters.map(([name]) => parameterName(name))
  const box = periodicBox(options.box ?? 1000)

  async function* read(from: number, to: number, signal?: AbortSignal): AsyncGenerator<Field> {
    for await (const slice of npySlices(file, { from, to, signal })) {
      const values = toFloat64(slice.values)
      for (let i = 0; i < slice.shape[0]; i++) {
        const rows = values.subarray(i * mostPoints * 7, (i + 1) * mostPoints * 7)
        const theta = Object.fromEntries(parameters.map(([, column], p) => [names[p], column[slice.start + i]]))
        const where = `${file}, row ${slice.start + i}`
        yield checkedField(where, { ...splitRows(where, rows), box, theta })
      }
    }
  }
  const columns = ['positions', 'velocities', 'log_mass', 'theta']
  const [totalPoints, attributes] = [count * mostPoints, { box }]
  return { count, names, attributes, columns, mostPoints, totalPoints, read, close: () => undefined }
}

function splitRows(
  where: string,
  rows: Float64Array,
): { positions: Float32Array; velocities: Float32Array; logMass: Float32Array } {
  const kept: number[] = []
  for (let i = 0; i < rows.length; i += 7) {
    const mass = rows[i + 6]
    if (!Number.isFinite(mass) || mass < 0)
      throw new DataError(`expected masses in Msun/h in ${where}`, `got ${mass}`, 'correct that row')
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

function cosmologyNames(path: string): string[] {
  const stem = basename(path, '.npy')
  const names = [`${stem.replace('halos', 'cosmology')}.csv`, `${stem}.csv`, 'cosmology.csv']
  return names.map(name => join(dirname(path), name))
}

function cosmologyOf(path: string): string {
  const names = cosmologyNames(path)
  const found = names.find(name => existsSync(name))
  if (found) return found
  throw new DataError(
    `expected the cosmologies of ${path} in ${names.map(name => basename(name)).join(' or ')} beside it`,
    'got none of them',
    'add the csv (Omega_m … )',
  )
}

/** `<name>halos.npy` with `<name>cosmology.csv` beside it, rows of zeros as padding; another name with its own csv. */
async function writeHalosNpy(
  to: string,
  source: ObjectSource<Field>,
  { force, signal }: WriteForeignOptions,
): Promise<readonly string[]> {
  const { path, count, mostPoints, names, columns } = source
  if (!columns.includes('velocities') || !columns.includes('log_mass')) {
    const expected = `expected velocities and masses in ${path} for [sims, halos, 7]`
    throw new UsageError(expected, 'got none', 'name one array by --column')
  }
  const csv = to.endsWith('halos.npy') ? to.replace(/halos\.npy$/, 'cosmology.csv') : to.replace(/\.npy$/, '.csv')
  refuseOverwrite(csv, force)
  const theta = Object.fromEntries(names.map(name => [name, new Float64Array(count)]))
  const writer = createNpy(to, 'f4', [count, mostPoints, 7], force)
  try {
    let row = 0
    for await (const field of source.read(0, count, signal)) {
      writer.append(halosOf(field, mostPoints))
      for (const name of names) theta[name][row] = field.theta[name]
      row++
    }
    writer.close()
  } finally {
    writer.discard()
  }
  writeCsv(csv, theta)
  return ['box', 'units']
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
