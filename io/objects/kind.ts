import type { TableSource } from '../table/index.js'

/** An attribute of a file that we write. */
export type FileAttribute = string | number | readonly string[] | readonly number[]

/** A column of numbers in a file, and the property of an object that holds its part of it. */
export interface ObjectColumn {
  /** The dataset of an HDF5 file, the column of an Arrow file */
  readonly name: string
  readonly property: string
  /** `point`: a number or a vector for each point of the object; `row`: one vector an object, its entries named */
  readonly shape: 'point' | 'row'
  /** Length of a point's vector; absent where a point has one number */
  readonly width?: number
  /** `f4` becomes a Float32Array, `f8` a Float64Array */
  readonly dtype: 'f4' | 'f8'
  readonly units: string
  /** It may be absent: for all objects of a file, or for none */
  readonly optional?: boolean
  /** Of a row: the property with the names of its entries. Without it the row is a record, name to number. */
  readonly names?: string
  /** What it holds, for the error where it is absent: `line-of-sight velocities` */
  readonly title?: string
}

/** A value that all objects of a file share, kept as an attribute of the file. */
export interface SharedValue<O extends object = object> {
  /** of the attribute, and in errors */
  readonly name: string
  readonly property: string
  /** What is expected, in words: `box (Mpc/h)` */
  readonly title: string
  /** From the attribute or, where the file has none, from what the caller says; undefined where neither is one */
  decode(stored: unknown, options: Partial<O>): unknown
  /** The attribute; undefined where such a value cannot be written */
  encode(value: unknown): FileAttribute | undefined
  /** For comparisons and errors: `100 x 100 x 100` */
  text(value: unknown): string
}

/** Shapes of the datasets or columns of a file, by name; the first axis is the number of objects or points. */
export type Shapes = ReadonlyMap<string, readonly number[]>

/**
 * A kind of object that files hold: its columns, and what reading, checking and writing need beside them. From this
 * declaration alone its files are read, checked, written, kept in parts, converted and recognised.
 *
 * @template T the object
 * @template O what a caller may say of a foreign layout, as the length of a box that its files do not hold
 */
export interface ObjectKind<T, O extends object = object> {
  /** The attribute `subject` of files that we write: `galaxies` */
  readonly subject: string
  /** Plural: `fields` */
  readonly noun: string
  /** One of them: `field` */
  readonly one: string
  /** What an error calls one of a file, as in `FILE, row 3`; default `one` */
  readonly place?: string
  /** In the order of writing. The first says how many objects or points there are. */
  readonly columns: readonly ObjectColumn[]
  /** Of objects with points */
  readonly points?: {
    /** Padded to one length, with a `mask`, or the points of all objects one after another, with `offsets` */
    readonly layout: 'padded' | 'ragged'
    readonly one: string
    /** The property that counts them */
    readonly count: string
  }
  readonly shared?: readonly SharedValue<O>[]
  /** Rows of a chunk of what has one row an object; by default as many as compress well */
  readonly chunkRows?: number
  /** The project's name of a parameter, from the spellings in use */
  parameterName?(name: string): string
  /**
   * Checks an object and brings it into the contract. @param where file and row, for the error
   * @throws DataError of one line
   */
  check?(where: string, object: T): T
  /** The first `count` points, for `maxPoints` */
  take?(object: T, count: number): T
  /** Whether a file with these datasets looks like one; by default where all columns but the optional ones are there */
  looksLike?(shapes: Shapes): boolean
  /** Layouts of others, recognised by the path */
  readonly foreign?: readonly ForeignLayout<T, O>[]
  /** Layouts of others in HDF5 or Arrow, recognised by their columns */
  readonly views?: readonly TableView[]
}

/** Files or folders of another layout. */
export interface ForeignLayout<T, O extends object = object> {
  readonly format: string
  /** Whether what lies at this path is opened so, by its name and what is beside it */
  opens(path: string): boolean
  /** Whether `convert` takes it for this kind too; else it is a table like any other */
  converts(path: string): boolean
  open(path: string, options: OpenObjectsOptions & Partial<O>): Promise<OpenedObjects<T>>
  /** The ending of files that `convert` writes in this layout */
  readonly writes?: string
  /** @returns what the layout has no place for */
  write?(to: string, source: ObjectSource<T>, options: WriteForeignOptions): Promise<readonly string[]>
}

export interface WriteForeignOptions {
  readonly force?: boolean
  readonly signal?: AbortSignal
}

/**
 * A table of another layout seen as one of ours: columns renamed, split or filled in; undefined where it is no such
 * table.
 */
export interface TableView {
  readonly format: string
  view(table: TableSource): TableSource | undefined
}

export interface OpenObjectsOptions {
  /** Keep only the first so many points of an object (of fields the heaviest) */
  readonly maxPoints?: number
}

/** Objects of an open file, as a reader of its layout gives them. */
export interface OpenedObjects<T> {
  readonly count: number
  /** Parameters of theta, in the file's order */
  readonly names: readonly string[]
  /** Of the file, with the shared values decoded */
  readonly attributes: Readonly<Record<string, unknown>>
  /** Names of the declared columns that are there */
  readonly columns: readonly string[]
  /** The largest number of points that an object may have; 0 for objects without points */
  readonly mostPoints: number
  /** Points of all objects together, padding included */
  readonly totalPoints: number
  /** Objects `from` to `to`, in order, checked; a bounded number of them in memory */
  read(from: number, to: number, signal?: AbortSignal): AsyncIterable<T>
  close(): void
}

/** Objects in one file or folder, whatever its format. */
export interface ObjectSource<T> extends OpenedObjects<T> {
  readonly kind: ObjectKind<T>
  readonly path: string
  /** `hdf5`, `arrow`, or the name of a foreign layout */
  readonly format: string
}
