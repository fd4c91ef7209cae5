import { readdirSync, statSync } from 'node:fs'
import { extname, join } from 'node:path'
import { type Box, DataError } from '../../core/index.js'
import { openArrow } from '../arrow/index.js'
import { isNumeric, sizeOf } from '../columns.js'
import { readCsv } from '../csv.js'
import { fields } from '../galaxies/fields.js'
import { type Json, numberJson } from '../hdf5/nested.js'
import { npySlices, readNpyHeader } from '../npy/index.js'
import { openObjects } from '../objects/index.js'
import { findRealisations, looksLikeQuijote } from '../quijote/index.js'
import { readSafetensors } from '../safetensors.js'
import { tableFormat } from '../table/index.js'
import { inspectHdf5 } from './hdf5.js'
import { type InspectedItem, type Inspection, type InspectOptions, RunningRange } from './inspection.js'
import { subjectOf } from './subject.js'

/**
 * What a file or folder holds: every dataset with shape, type, unit and range, the values where there are few, and
 * which subject it looks like. Streams: memory does not grow with the file.
 * @throws DataError where it is none of HDF5, Arrow, NPY, CSV, safetensors or a Quijote folder, or is damaged
 */
export async function inspectFile(path: string, options: InspectOptions = {}): Promise<Inspection> {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found) throw new DataError(`expected a file at ${path}`, 'got none', 'check the path')
  if (found.isDirectory()) return inspectFolder(path)
  if (extname(path).toLowerCase() === '.safetensors') return inspectSafetensors(path, found.size)
  switch (tableFormat(path)) {
    case 'arrow':
      return inspectArrow(path, found.size, options)
    case 'npy':
      return inspectNpy(path, found.size, options)
    case 'csv':
      return inspectCsv(path, found.size, options)
    default:
      return inspectHdf5(path, found.size, options)
  }
}

async function inspectFolder(path: string): Promise<Inspection> {
  if (readdirSync(path).includes('halos.npy')) return inspectFile(join(path, 'halos.npy'))
  if (!looksLikeQuijote(path)) {
    throw new DataError(
      `expected a Quijote folder (realisations by number) at ${path}`,
      'got another folder',
      'name a file in it',
    )
  }
  const realisations = await findRealisations(path, 4)
  const source = await openObjects(fields, path)
  source.close()
  const { names, attributes } = source
  const items = realisations.map(({ folder, kind, theta }) => ({
    path: folder,
    kind: 'group' as const,
    type: kind,
    attributes: (theta ?? {}) as Record<string, Json>,
  }))
  return {
    path,
    format: 'Quijote folder',
    bytes: 0,
    subject: 'galaxies',
    attributes: { box: (attributes.box as Box)[0], parameters: names },
    items,
  }
}

async function inspectArrow(path: string, bytes: number, options: InspectOptions): Promise<Inspection> {
  const file = openArrow(path)
  try {
    const ranges = new Map(file.columns.map(column => [column.name, new RunningRange()]))
    const numeric = new Set<string>()
    const unread = new Map<string, string>()
    for (const { name } of options.ranges === false ? [] : file.columns) {
      try {
        for await (const batch of file.batches({ columns: [name], signal: options.signal })) {
          const column = batch.columns[name]
          if (!isNumeric(column)) continue
          numeric.add(name)
          ranges.get(name)?.add(column)
        }
      } catch (error) {
        if (!(error instanceof DataError)) throw error
        unread.set(name, error.message)
      }
    }
    const items = file.columns.map(
      ({ name, type, rowShape, metadata }): InspectedItem => ({
        path: name,
        kind: 'dataset',
        type,
        shape: [file.rows, ...rowShape],
        units: metadata.units,
        attributes: metadata,
        range: numeric.has(name) ? ranges.get(name)?.range(numberJson) : undefined,
        unread: unread.get(name),
      }),
    )
    const shaped = items.map(({ path, shape }) => ({ name: path, shape: shape ?? null }))
    return { path, format: 'Arrow', bytes, subject: subjectOf(shaped, options.kinds), attributes: file.metadata, items }
  } finally {
    file.close()
  }
}

async function inspectNpy(path: string, bytes: number, options: InspectOptions): Promise<Inspection> {
  const { shape, dtype, littleEndian, fortranOrder } = readNpyHeader(path)
  const running = new RunningRange()
  if (options.ranges !== false && shape.length > 0) {
    for await (const { values } of npySlices(path, { signal: options.signal })) running.add(values)
  }
  const storage = [littleEndian ? '' : 'big-endian', fortranOrder ? 'column-major' : '']
    .filter(part => part !== '')
    .join(', ')
  const item: InspectedItem = {
    path: 'array',
    kind: 'dataset',
    type: dtype,
    shape,
    storage: storage || undefined,
    range: sizeOf(shape) > 0 && options.ranges !== false ? running.range(numberJson) : undefined,
  }
  const subject = shape.length === 3 && shape[2] === 7 ? 'galaxies' : null
  return { path, format: 'NPY', bytes, subject, attributes: {}, items: [item] }
}

async function inspectCsv(path: string, bytes: number, options: InspectOptions): Promise<Inspection> {
  const ranges = new Map<string, RunningRange>()
  let rows = 0
  for await (const batch of readCsv(path, { signal: options.signal })) {
    for (const [name, values] of Object.entries(batch.columns)) {
      if (!ranges.has(name)) ranges.set(name, new RunningRange())
      ranges.get(name)?.add(values)
    }
    rows += batch.rows
  }
  const items = [...ranges].map(
    ([name, running]): InspectedItem => ({
      path: name,
      kind: 'dataset',
      type: 'float64',
      shape: [rows],
      range: running.range(numberJson),
    }),
  )
  const shaped = items.map(({ path, shape }) => ({ name: path, shape: shape ?? null }))
  const subject = subjectOf(shaped, options.kinds)
  return { path, format: 'CSV', bytes, subject, attributes: {}, items }
}

function inspectSafetensors(path: string, bytes: number): Inspection {
  const { tensors, metadata } = readSafetensors(path)
  const items = Object.entries(tensors).map(([name, { shape, values }]): InspectedItem => {
    const running = new RunningRange()
    running.add(values as ArrayLike<number>)
    const type = values.constructor.name.replace('Array', '').toLowerCase()
    return { path: name, kind: 'dataset', type, shape, range: running.range(numberJson) }
  })
  return { path, format: 'safetensors', bytes, subject: null, attributes: metadata, items }
}
