import { extname } from 'node:path'
import { DataError } from '../../core/index.js'
import { rootAttributes } from '../rootAttributes.js'
import { createArrowTable, createHdf5Table, type TableWriter } from '../table/index.js'
import { type Design, designOf, pack, padded, pointsOf, requireDesign, tableColumns } from './design.js'
import type { FileAttribute, ObjectKind } from './kind.js'

export interface WriteOptions {
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

/** Numbers and objects that are held before they are written */
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
  options: WriteOptions,
): Promise<ObjectWriter<T>> {
  const arrow = ['.arrow', '.arrows', '.feather'].includes(extname(path).toLowerCase())
  const writer = arrow ? createArrowTable(path, options) : await createHdf5Table(path, options)
  return new OpenObjects(kind, path, writer, options)
}

/** Writes all of a (possibly asynchronous) sequence. @returns how many there were */
export async function writeObjects<T>(
  kind: ObjectKind<T>,
  path: string,
  objects: Iterable<T> | AsyncIterable<T>,
  options: WriteOptions & { readonly signal?: AbortSignal },
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

class OpenObjects<T> implements ObjectWriter<T> {
  count = 0
  private design: Design | undefined
  private points = 0
  private held: T[] = []
  private numbers = 0

  constructor(
    private readonly kind: ObjectKind<T>,
    private readonly path: string,
    private readonly writer: TableWriter,
    private readonly options: WriteOptions,
  ) {}

  append(object: T): void {
    const { kind, path } = this
    const own = pointsOf(kind, object)
    this.design ??= this.begin(object)
    const where = `${kind.one} ${this.count} for ${path}`
    requireDesign(kind, this.design, object, where)
    if (kind.points?.layout === 'padded' && own > this.points)
      throw new DataError(`expected at most ${this.points} points in ${where}`, `got ${own}`, 'widen the file')
    this.held.push(object)
    this.count++
    this.numbers += this.design.columns.reduce((sum, { width = 1 }) => sum + width * Math.max(1, own), 0)
    if (this.numbers >= heldNumbers || this.held.length >= heldObjects) this.flush()
  }

  close(): void {
    if (!this.design)
      throw new DataError(`expected at least one ${this.kind.one} for ${this.path}`, 'got none', 'check the input')
    this.flush()
    this.writer.close()
  }

  discard(): void {
    this.writer.discard()
  }

  private begin(first: T): Design {
    const { kind, options } = this
    const design = designOf(kind, first)
    const unnamed = design.columns.find(({ name, shape }) => shape === 'row' && design.names[name].length === 0)
    if (unnamed) throw this.missing(unnamed.name, 'none')
    const shared = (kind.shared ?? []).map(({ name, property, title, text, encode }) => {
      const value = encode(design.shared[property])
      if (value === undefined) throw this.missing(title, text(design.shared[property]))
      return [name, value] as const
    })
    this.points = options.points ?? pointsOf(kind, first)
    const root = rootAttributes(kind.subject, options.seed)
    const attributes = { ...root, ...options.attributes, ...Object.fromEntries(shared) }
    const columns = tableColumns(kind, design, this.points)
    this.writer.begin({ columns, attributes, offsetChunkRows: kind.chunkRows })
    return design
  }

  private missing(what: string, got: string): DataError {
    return new DataError(
      `expected ${what} in the first ${this.kind.one} for ${this.path}`,
      `got ${got}`,
      `give it to every ${this.kind.one}`,
    )
  }

  private flush(): void {
    if (!this.design || this.held.length === 0) return
    const batch = pack(this.kind, this.design, this.held)
    this.writer.append(this.kind.points?.layout === 'padded' ? padded(this.design, batch, this.points) : batch)
    this.held = []
    this.numbers = 0
  }
}
