import { DataError } from '../../core/index.js'
import { rootAttributes } from '../rootAttributes.js'
import { createArrowTable, createHdf5Table, tableFormat } from '../table/index.js'
import { type Design, designOf, pointsOf, requireDesign, tableColumns } from './design.js'
import type { FileAttribute, ObjectKind } from './kind.js'
import { pack, padded } from './pack.js'

export interface WriteObjectsOptions {
  readonly seed: number
  /** Replace an existing file */
  readonly force?: boolean
  /** More on the root, beside version, subject, seed and time */
  readonly attributes?: Readonly<Record<string, FileAttribute>>
  /** Padded size of an object; a larger one is an error. Default: that of the first */
  readonly points?: number
}

/** Takes objects one by one, which must not change any more; the file appears at its path with `close`. */
export interface ObjectWriter<T> {
  readonly count: number
  append(object: T): void
  close(): void
  /** Leaves nothing behind; harmless after `close` */
  discard(): void
}

/** Numbers and objects that are held before they are written. */
const heldNumbers = 1 << 20
const heldObjects = 4096

/**
 * A new file of objects, in HDF5, or in Arrow where the path ends so. Optional columns are written where the first
 * object has them. Memory: a few megabytes, or one object.
 *
 * @throws UsageError where the file exists; DataError where an object is not of the design of the first; WorkError
 *   where the disk is full
 */
export async function createObjects<T>(
  kind: ObjectKind<T>,
  path: string,
  options: WriteObjectsOptions,
): Promise<ObjectWriter<T>> {
  const writer = tableFormat(path) === 'arrow' ? createArrowTable(path, options) : await createHdf5Table(path, options)
  const isPadded = kind.points?.layout === 'padded'
  let design: Design | undefined
  let points = options.points ?? 0
  let held: T[] = []
  let [count, numbers] = [0, 0]

  const begin = (first: T): Design => {
    const begun = designOf(kind, first)
    points = options.points ?? pointsOf(kind, first)
    const root = rootAttributes(kind.subject, options.seed)
    const attributes = { ...root, ...options.attributes, ...attributesOf(kind, begun, path) }
    writer.begin({ columns: tableColumns(kind, begun, points), attributes, offsetChunkRows: kind.chunkRows })
    return begun
  }
  const flush = () => {
    if (!design || held.length === 0) return
    const batch = pack(kind, design, held)
    writer.append(isPadded ? padded(design, batch, points) : batch)
    held = []
    numbers = 0
  }
  return {
    get count() {
      return count
    },
    append(object) {
      design ??= begin(object)
      const own = pointsOf(kind, object)
      const where = `${kind.one} ${count} for ${path}`
      requireDesign(kind, design, object, where)
      if (isPadded && own > points)
        throw new DataError(`expected at most ${points} points in ${where}`, `got ${own}`, 'widen the file')
      held.push(object)
      count++
      numbers += design.columns.reduce((sum, { width = 1 }) => sum + width * Math.max(1, own), 0)
      if (numbers >= heldNumbers || held.length >= heldObjects) flush()
    },
    close() {
      if (!design) throw new DataError(`expected at least one ${kind.one} for ${path}`, 'got none', 'check the input')
      flush()
      writer.close()
    },
    discard: () => writer.discard(),
  }
}

/** Shared values as attributes. @throws DataError where one, or the names of a row, cannot be written */
function attributesOf<T>(kind: ObjectKind<T>, design: Design, path: string): Record<string, FileAttribute> {
  const missing = (what: string, got: string) => {
    const expected = `expected ${what} in the first ${kind.one} for ${path}`
    return new DataError(expected, `got ${got}`, `give it to every ${kind.one}`)
  }
  const unnamed = design.columns.find(({ name, shape }) => shape === 'row' && design.names[name].length === 0)
  if (unnamed) throw missing(unnamed.name, 'none')
  const shared = (kind.shared ?? []).map(({ name, property, title, text, encode }) => {
    const value = encode(design.shared[property])
    if (value === undefined) throw missing(title, text(design.shared[property]))
    return [name, value] as const
  })
  return Object.fromEntries(shared)
}

/** Writes all of a (possibly asynchronous) sequence. @returns how many there were */
export async function writeObjects<T>(
  kind: ObjectKind<T>,
  path: string,
  objects: Iterable<T> | AsyncIterable<T>,
  options: WriteObjectsOptions & { readonly signal?: AbortSignal },
): Promise<number> {
  const writer = await createObjects(kind, path, options)
  try {
    for await (const object of objects) {
      options.signal?.throwIfAborted()
      writer.append(object)
    }
    writer.close()
    return writer.count
  } finally {
    writer.discard()
  }
}
