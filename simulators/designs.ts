import { readFile } from 'node:fs/promises'
import { DataError, UsageError } from '../core/index.js'
import { cosmologyOf, parameterNames, quijotePrior } from './cosmology/cosmology.js'
import { sobol } from './sobol.js'

/** Parameter sets to simulate at, one record a field. */
export type Design = readonly Readonly<Record<string, number>>[]

const quijoteTable = new URL('../../data/quijote/latin_hypercube_params.txt', import.meta.url)

/**
 * The first `n` parameter sets of a design: `quijote` (rows of the Quijote Latin hypercube, in its order), `sobol` (a
 * Sobol sequence over the same ranges), or the path of a csv whose header names the parameters.
 */
export async function design(name: string, n: number): Promise<Design> {
  if (name === 'sobol') return sobolDesign(n)
  if (name === 'quijote') return take(await readTable(quijoteTable, parameterNames), n, 'the Quijote Latin hypercube')
  if (name.endsWith('.csv')) return take(await readCsvDesign(name), n, name)
  throw new UsageError('expected --design to be quijote, sobol or a .csv file', `got ${name}`, 'name one of the three')
}

function sobolDesign(n: number): Design {
  // The first point of the sequence is skipped: it is the corner of the cube.
  return Array.from({ length: n }, (_, i) => {
    const point = sobol(i + 1, parameterNames.length)
    return Object.fromEntries(
      parameterNames.map((name, axis) => {
        const [low, high] = quijotePrior[name]
        return [name, low + (high - low) * point[axis]]
      }),
    )
  })
}

async function readCsvDesign(path: string): Promise<Design> {
  const text = await readFile(path, 'utf8').catch(cause => {
    throw new DataError(`expected a readable design at ${path}`, 'got no such file', 'check the path', { cause })
  })
  const [header = '', ...rows] = text.split(/\r?\n/).filter(line => line.trim())
  const names = header
    .replace(/^#/, '')
    .split(',')
    .map(name => name.trim().toLowerCase())
  const unknown = names.find(name => !parameterNames.some(known => known === name))
  if (unknown !== undefined) {
    throw new DataError(
      `expected columns among ${parameterNames.join(', ')} in ${path}`,
      `got ${unknown}`,
      'rename the column',
    )
  }
  return rows.map((row, i) => possible(record(names, row.split(','), path, i + 2), path, i + 2))
}

async function readTable(url: URL, names: readonly string[]): Promise<Design> {
  const lines = (await readFile(url, 'utf8')).split('\n').filter(line => line.trim() && !line.startsWith('#'))
  return lines.map((line, i) => record(names, line.trim().split(/\s+/), url.pathname, i + 1))
}

function record(
  names: readonly string[],
  cells: readonly string[],
  path: string,
  line: number,
): Record<string, number> {
  const values = cells.map(Number)
  if (values.length !== names.length || values.some(value => !Number.isFinite(value))) {
    throw new DataError(
      `expected ${names.length} numbers in line ${line} of ${path}`,
      `got "${cells.join(' ')}"`,
      'correct the line',
    )
  }
  return Object.fromEntries(names.map((name, i) => [name, values[i]]))
}

/** Any flat universe with baryons among its matter passes, however unlike ours. */
function possible(theta: Record<string, number>, path: string, line: number): Record<string, number> {
  const { omegaM, omegaB, h, sigma8 } = cosmologyOf(theta)
  if (omegaB > 0 && omegaM > omegaB && omegaM < 1 && h > 0 && sigma8 > 0) return theta
  throw new DataError(
    `expected 0 < omega_b < omega_m < 1, h > 0 and sigma_8 > 0 in line ${line} of ${path}`,
    `got omega_b ${omegaB}, omega_m ${omegaM}, h ${h} and sigma_8 ${sigma8}`,
    'correct the line',
  )
}

function take(rows: Design, n: number, from: string): Design {
  if (rows.length < n)
    throw new UsageError(`expected --n to be at most ${rows.length}, the rows of ${from}`, `got ${n}`, 'ask for fewer')
  return rows.slice(0, n)
}
