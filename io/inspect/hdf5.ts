import { DataError } from '../../core/index.js'
import { isNumeric, sizeOf } from '../columns.js'
import { type Attribute, type Hdf5File, type Hdf5Link, slices, typeName, withHdf5 } from '../hdf5/index.js'
import { type Json, nestedJson, numberJson } from '../hdf5/nested.js'
import { type InspectedItem, type Inspection, type InspectOptions, type Range, RunningRange } from './inspection.js'
import { subjectOf } from './subject.js'

/** The whole tree of an HDF5 file. What cannot be read is named with its reason; the rest is read. */
export function inspectHdf5(path: string, bytes: number, options: InspectOptions): Promise<Inspection> {
  return withHdf5(path, async file => {
    const items: InspectedItem[] = []
    for (const child of file.children('/')) await visit(file, child, items, options)
    const subject =
      file.has('/Header') && file.has('/PartType1')
        ? 'galaxies'
        : subjectOf(
            items.map(({ path, shape }) => ({ name: path, shape: shape ?? null })),
            options.kinds,
          )
    const format = file.has('/Header') && file.has('/PartType1') ? 'Gadget snapshot' : 'HDF5'
    return { path, format, bytes, subject, attributes: attributesOf(file, '/'), items }
  })
}

async function visit(file: Hdf5File, link: Hdf5Link, items: InspectedItem[], options: InspectOptions): Promise<void> {
  const { path, kind } = link
  switch (kind) {
    case 'group':
      items.push({ path, kind, attributes: attributesOf(file, path) })
      // A hard link may lead back to a group above: deeper than any honest tree, it is such a loop.
      if (path.split('/').length > 64) return
      for (const child of file.children(path)) await visit(file, child, items, options)
      return
    case 'dataset':
      items.push(await inspectDataset(file, path, options))
      return
    case 'type':
      items.push({ path, kind, type: typeName(file.namedType(path)), attributes: attributesOf(file, path) })
      return
    case 'broken':
    case 'external':
      items.push({ path, kind, target: link.target, unread: kind === 'external' ? 'another file' : 'points nowhere' })
      return
    default:
      items.push({ path, kind: 'unknown', unread: 'a user-defined link' })
  }
}

async function inspectDataset(file: Hdf5File, path: string, options: InspectOptions): Promise<InspectedItem> {
  const dataset = file.dataset(path)
  const { shape, type, chunks } = dataset
  const attributes = attributesOf(file, path)
  const filters = file.filters(path).map(filter => filter.name || String(filter.id))
  const storage = [chunks ? `chunks [${chunks.join(', ')}]` : '', ...filters].filter(part => part !== '').join(', ')
  const units = typeof attributes.units === 'string' ? attributes.units : undefined
  const item = {
    path,
    kind: 'dataset' as const,
    type: typeName(type),
    shape,
    units,
    storage: storage || undefined,
    attributes,
  }
  if (shape === null) return item
  try {
    const few = sizeOf(shape) <= (options.values ?? 1000)
    const value = few ? nestedJson(type, await dataset.read(undefined, options.signal), shape) : undefined
    const numeric = ['integer', 'float', 'enum', 'bitfield'].includes(type.kind)
    const range =
      numeric && options.ranges !== false && sizeOf(shape) > 0 ? await rangeOf(file, path, options.signal) : undefined
    return { ...item, value, range }
  } catch (error) {
    if (!(error instanceof DataError)) throw error
    return { ...item, unread: error.message }
  }
}

async function rangeOf(file: Hdf5File, path: string, signal?: AbortSignal): Promise<Range> {
  const running = new RunningRange()
  if (file.dataset(path).shape?.length === 0) {
    const value = await file.dataset(path).read()
    if (isNumeric(value)) running.add(value)
  } else {
    for await (const { values } of slices(file, path, { signal })) if (isNumeric(values)) running.add(values)
  }
  return running.range(numberJson)
}

function attributesOf(file: Hdf5File, path: string): Record<string, Json> {
  const out: Record<string, Json> = {}
  for (const name of file.attributeNames(path)) {
    try {
      out[name] = attributeJson(file.attributes(path, [name])[name])
    } catch (error) {
      if (!(error instanceof DataError)) throw error
      out[name] = error.message
    }
  }
  return out
}

function attributeJson({ type, shape, value }: Attribute): Json {
  if (value === null || shape === null) return null
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'bigint') return numberJson(value)
  const single = shape.length === 0 && type.kind !== 'compound' && type.kind !== 'array'
  return nestedJson(type, single ? ([value] as never) : value, shape)
}
