import { DataError } from '../../core/index.js'
import { type Column, isNumeric, type NumericArray, sizeOf } from '../columns.js'
import { type Hdf5Calls, Hdf5Failure, hdf5Calls, readError } from './library.js'
import { packedBits, unpackBits } from './nbit.js'
import { type Region, readBlock } from './read.js'
import { readRegion } from './region.js'
import { requireHdf5 } from './signature.js'
import { type Hdf5Type, typeName, typeOf } from './types.js'

export interface Attribute {
  readonly name: string
  readonly type: Hdf5Type
  /** `[]` for a scalar, null for an empty space */
  readonly shape: readonly number[] | null
  /** One value for a scalar of numbers or text, else the flat column; null for an empty space */
  readonly value: AttributeValue
}

export type AttributeValue = number | bigint | string | Column | null

export interface Hdf5Dataset {
  readonly path: string
  /** Null where the dataset has an empty space (no values at all) */
  readonly shape: readonly number[] | null
  readonly type: Hdf5Type
  readonly chunks: readonly number[] | null
  readonly maxShape: readonly number[] | null
  /**
   * Values, flat and row-major; all of them, or a box of them. At most {@link mostReadBytes}: use `slices` beyond.
   * @throws DataError where the file is damaged, a filter is missing, or the type cannot be read
   */
  read(region?: Partial<Region>, signal?: AbortSignal): Promise<Column>
}

export type Hdf5Link =
  | { readonly kind: 'group'; readonly path: string }
  | { readonly kind: 'dataset'; readonly path: string }
  | { readonly kind: 'type'; readonly path: string }
  | { readonly kind: 'broken'; readonly path: string; readonly target: string }
  | { readonly kind: 'external'; readonly path: string; readonly target: string }
  | { readonly kind: 'unknown'; readonly path: string }

/** An open file. Reading is synchronous inside, block by block, and the event loop runs between blocks. */
export interface Hdf5File {
  readonly path: string
  /** What lies directly in a group, in the file's order */
  children(group?: string): readonly Hdf5Link[]
  /** What lies at a path; undefined where nothing does */
  link(path: string): Hdf5Link | undefined
  has(path: string): boolean
  attributeNames(path?: string): readonly string[]
  /** All attributes of an object, or those named */
  attributes(path?: string, names?: readonly string[]): Readonly<Record<string, Attribute>>
  /** One attribute's value, undefined where it is absent */
  attribute(name: string, path?: string): AttributeValue | undefined
  dataset(path: string): Hdf5Dataset
  /** A committed (named) type */
  namedType(path: string): Hdf5Type
  filters(path: string): readonly { readonly id: number; readonly name: string }[]
  close(): void
}

/**
 * Opens an HDF5 file for reading.
 * @throws DataError where there is none, or it is no HDF5, or it is cut short
 */
export async function openHdf5(path: string): Promise<Hdf5File> {
  requireHdf5(path)
  const calls = await hdf5Calls()
  let file: bigint
  try {
    file = calls.guard(library => library.open(path, 0, false, -1, -1))
  } catch (error) {
    throw readError(path, 'a whole HDF5 file', error)
  }
  return new OpenFile(path, calls, file)
}

/** Opens, uses and closes. */
export async function withHdf5<T>(path: string, use: (file: Hdf5File) => Promise<T>): Promise<T> {
  const file = await openHdf5(path)
  try {
    return await use(file)
  } finally {
    file.close()
  }
}

class OpenFile implements Hdf5File {
  private open = true

  constructor(
    readonly path: string,
    private readonly calls: Hdf5Calls,
    private readonly file: bigint,
  ) {}

  children(group = '/'): readonly Hdf5Link[] {
    const names = this.call(`group ${group}`, library => library.get_names(this.file, group, false))
    return names.map(name => {
      const path = `${group === '/' ? '' : group}/${name}`
      return this.link(path) ?? { kind: 'unknown', path }
    })
  }

  link(path: string): Hdf5Link | undefined {
    const kind = this.kindAt(path)
    switch (kind) {
      case -1:
        return undefined
      case 0:
        return { kind: 'group', path }
      case 1:
        return { kind: 'dataset', path }
      case 2:
        return { kind: 'type', path }
      case 3:
        return {
          kind: 'broken',
          path,
          target: this.call(path, library => library.get_symbolic_link(this.file, path)) ?? '',
        }
      case 4: {
        const { filename, obj_path } = this.translate(path, () =>
          this.calls.attempt(library => library.get_external_link(this.file, path)),
        )
        return filename === undefined
          ? { kind: 'unknown', path }
          : { kind: 'external', path, target: `${filename}:${obj_path}` }
      }
      default:
        return { kind: 'unknown', path }
    }
  }

  private kindAt(path: string): number {
    try {
      return this.calls.guard(library => library.get_type(this.file, path) + 1) - 1
    } catch (error) {
      // A link of a class that the library does not know: it names a path, but nothing that could be opened.
      if (error instanceof Hdf5Failure) return unknownLink
      throw error
    }
  }

  has(path: string): boolean {
    return this.link(path) !== undefined
  }

  attributeNames(path = '/'): readonly string[] {
    return this.call(`attributes of ${path}`, library => library.get_attribute_names(this.file, path))
  }

  attributes(path = '/', names = this.attributeNames(path)): Readonly<Record<string, Attribute>> {
    return Object.fromEntries(names.map(name => [name, this.readAttribute(path, name)]))
  }

  attribute(name: string, path = '/'): AttributeValue | undefined {
    return this.attributeNames(path).includes(name) ? this.readAttribute(path, name).value : undefined
  }

  private readAttribute(path: string, name: string): Attribute {
    return this.translate(`attribute ${name} of ${path}`, () => {
      const raw = this.calls.guard(library => library.get_attribute_metadata(this.file, path, name))
      const type = typeOf(raw)
      const shape = raw.shape ?? null
      if (shape === null) return { name, type, shape, value: null }
      const source = { calls: this.calls, file: this.file, path, attribute: name }
      const column = readBlock(source, type, sizeOf(shape))
      const scalar = shape.length === 0 && (isNumeric(column) || Array.isArray(column)) && type.kind !== 'array'
      return { name, type, shape, value: scalar ? (column as readonly AttributeValue[])[0] : column }
    })
  }

  dataset(path: string): Hdf5Dataset {
    if (this.link(path)?.kind !== 'dataset') {
      throw new DataError(
        `expected a dataset ${path} in ${this.path}`,
        `got ${this.describe(path)}`,
        'see `stipple inspect`',
      )
    }
    const raw = this.call(path, library => library.get_dataset_metadata(this.file, path))
    const type = typeOf(raw)
    const shape = raw.shape ?? null
    const chunks = raw.chunks ?? null
    const filters = this.call(path, library => library.get_dataset_filters(this.file, path))
    const packed = packedBits(type, filters)
    const foreign = filters.find(filter => !builtInFilters.includes(filter.id))
    const read = async (region?: Partial<Region>, signal?: AbortSignal): Promise<Column> => {
      if (packed === 'unreadable') {
        throw new DataError(
          `expected whole numbers of 1 to 4 bytes in n-bit storage at ${path}`,
          `got ${typeName(type)}`,
          'store it without',
        )
      }
      const source = { calls: this.calls, file: this.file, path }
      const dataset = { path, type, shape, chunks }
      const translate = <T>(what: string, action: () => T) => this.translate(what, action)
      const column = await readRegion(source, dataset, region, { translate, signal }).catch(error => {
        throw foreign && error instanceof DataError ? this.withoutFilter(path, foreign) : error
      })
      if (packed && isNumeric(column)) unpackBits(column, type.kind === 'integer' && type.signed, packed)
      return column
    }
    return { path, type, shape, chunks, maxShape: raw.maxshape ?? null, read }
  }

  namedType(path: string): Hdf5Type {
    return typeOf(this.call(path, library => library.get_datatype_metadata(this.file, path)))
  }

  filters(path: string): readonly { readonly id: number; readonly name: string }[] {
    return this.call(path, library => library.get_dataset_filters(this.file, path)).map(({ id, name }) => ({
      id,
      name,
    }))
  }

  close(): void {
    if (!this.open) return
    this.open = false
    this.calls.library.close_file(this.file)
  }

  private withoutFilter(path: string, filter: { readonly id: number; readonly name: string }): DataError {
    const name = filter.name === '' ? `number ${filter.id}` : filter.name
    return new DataError(
      `expected ${path} of ${this.path} compressed by gzip or szip`,
      `got the filter ${name}, which we do not have`,
      'rewrite it: h5repack -f GZIP=4',
    )
  }

  private describe(path: string): string {
    const link = this.link(path)
    return link === undefined ? 'nothing there' : `a ${link.kind}`
  }

  private call<T>(what: string, action: Parameters<typeof this.calls.guard<T>>[0]): T {
    return this.translate(what, () => this.calls.guard(action))
  }

  private translate<T>(what: string, action: () => T): T {
    if (!this.open) throw new DataError(`expected ${this.path} to be open`, 'got a closed file', 'open it again')
    try {
      return action()
    } catch (error) {
      throw readError(this.path, what, error)
    }
  }
}

const unknownLink = 99

/** deflate, shuffle, fletcher32, szip, n-bit, scale-offset */
const builtInFilters: readonly number[] = [1, 2, 3, 4, 5, 6]

/** Numbers of a dataset, refusing other types with an error that names the path. */
export async function readNumbers(
  file: Hdf5File,
  path: string,
  region?: Partial<Region>,
  signal?: AbortSignal,
): Promise<NumericArray> {
  const dataset = file.dataset(path)
  const column = await dataset.read(region, signal)
  if (isNumeric(column)) return column
  throw new DataError(
    `expected numbers at ${path} in ${file.path}`,
    `got ${typeName(dataset.type)}`,
    'see `stipple inspect`',
  )
}
