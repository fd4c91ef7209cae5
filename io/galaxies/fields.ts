import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { extname, join } from 'node:path'
import { DataError, UsageError } from '../../core/index.js'
import { openTogether, rowsOfEach } from '../together.js'
import { openArrowFields } from './arrowFields.js'
import type { Field } from './field.js'
import { openHalosNpy } from './halosNpy.js'
import { openHdf5Fields } from './hdf5Fields.js'
import { openQuijote } from './quijoteFields.js'
import type { FieldOptions, FieldSource, FieldsSummary } from './source.js'

export interface ReadFieldsOptions extends FieldOptions {
  /**
   * Which fields, counted over all paths in their order: a range, or indices (any order; ascending is fastest).
   */
  readonly rows?: { readonly from?: number; readonly to?: number } | readonly number[]
  readonly signal?: AbortSignal
}

export interface FieldsDescription extends FieldsSummary {
  readonly sources: readonly { readonly path: string; readonly format: string; readonly count: number }[]
}

/** Opens a file or folder of fields, by what it is. @throws DataError where it is none we know */
export async function openFields(path: string, options: FieldOptions = {}): Promise<FieldSource> {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found) throw new DataError(`expected fields at ${path}`, 'got no such file', 'check the path')
  requireReadable(path)
  if (found.isDirectory()) {
    const halos = join(path, 'halos.npy')
    return existsSync(halos) ? openHalosNpy(halos, options) : openQuijote(path, options)
  }
  switch (extname(path).toLowerCase()) {
    case '.npy':
      return openHalosNpy(path, options)
    case '.arrow':
    case '.arrows':
    case '.feather':
      return openArrowFields(path, options)
    default:
      return openHdf5Fields(path, options)
  }
}

function requireReadable(path: string): void {
  try {
    accessSync(path, constants.R_OK)
  } catch (error) {
    throw new DataError(
      `expected a readable file at ${path}`,
      'got no permission to read it',
      'check its permissions',
      {
        cause: error,
      },
    )
  }
}

/**
 * Fields from files and folders, one after the other, slice by slice: memory does not grow with the files.
 *
 * @param paths  HDF5 in our layout, `halos.npy` with its cosmology csv, Quijote folders, Arrow
 * @throws DataError that names file and row; UsageError for rows that are not there; Interrupted
 */
export async function* readFields(
  paths: string | readonly string[],
  options: ReadFieldsOptions = {},
): AsyncGenerator<Field> {
  const { rows, signal } = options
  const sources = await openAllFields(paths, options)
  try {
    const total = sources.reduce((sum, source) => sum + countOf(source), 0)
    for (const [from, to] of runsOf(rows, total)) {
      for (const { source, begin, end } of rowsOfEach(sources, countOf, from, to))
        yield* source.read(begin, end, signal)
    }
  } finally {
    for (const source of sources) source.close()
  }
}

/** How many fields there are. */
export async function countFields(paths: string | readonly string[], options: FieldOptions = {}): Promise<number> {
  return (await describeFields(paths, options)).count
}

/** What the files hold together: they must agree on the parameters' names and on the box. */
export async function describeFields(
  paths: string | readonly string[],
  options: FieldOptions = {},
): Promise<FieldsDescription> {
  const sources = await openAllFields(paths, options)
  for (const source of sources) source.close()
  const summaries = sources.map(source => source.summary)
  return {
    ...summaries[0],
    count: summaries.reduce((sum, summary) => sum + summary.count, 0),
    maxPoints: Math.max(...summaries.map(summary => summary.maxPoints)),
    velocities: summaries.every(summary => summary.velocities),
    logMass: summaries.every(summary => summary.logMass),
    sources: sources.map(({ path, format, summary }) => ({ path, format, count: summary.count })),
  }
}

/** Opens files and folders of fields of one design: the same parameters, the same box. */
export async function openAllFields(
  paths: string | readonly string[],
  options: FieldOptions = {},
): Promise<FieldSource[]> {
  const design = ({ summary: { names, box } }: FieldSource) => ({
    parameters: names.join(', ') || 'none',
    box: box.join(' x '),
  })
  return openTogether(paths, path => openFields(path, options), design, 'fields')
}

function countOf({ summary }: FieldSource): number {
  return summary.count
}

/** Consecutive rows as runs, so that a shuffled list of single rows and a plain range go the same way. */
function runsOf(rows: ReadFieldsOptions['rows'], total: number): [number, number][] {
  if (rows === undefined || !isList(rows)) return [[Math.max(0, rows?.from ?? 0), Math.min(rows?.to ?? total, total)]]
  const runs: [number, number][] = []
  for (const row of rows) {
    if (!Number.isInteger(row) || row < 0 || row >= total) {
      throw new UsageError(`expected a row from 0 to ${total - 1}`, `got ${row}`, 'choose one that exists')
    }
    const last = runs.at(-1)
    if (last && last[1] === row) last[1] = row + 1
    else runs.push([row, row + 1])
  }
  return runs
}

function isList(rows: NonNullable<ReadFieldsOptions['rows']>): rows is readonly number[] {
  return Array.isArray(rows)
}
