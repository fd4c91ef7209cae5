import { closeSync, fsyncSync, mkdirSync, openSync, renameSync } from 'node:fs'
import { dirname } from 'node:path'
import {
  Bool,
  type Data,
  type DataType,
  Field,
  FixedSizeList,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  List,
  Message,
  makeData,
  RecordBatch,
  RecordBatchFileWriter,
  Schema,
  Struct,
  Uint8,
  Uint16,
  Uint32,
  Uint64,
  Utf8,
} from 'apache-arrow'
import { UsageError } from '../../core/index.js'
import { refuseOverwrite, removeQuietly, temporaryBeside, writeError, writeFully } from '../atomic.js'
import { isNumeric, type NumericArray, sizeOf } from '../columns.js'
import { type DtypeName, dtypeOf } from '../hdf5/encode.js'

/** A column to write. Vectors of one length are fixed-size lists; `ragged` columns are lists, one a row. */
export interface ArrowColumnSpec {
  readonly name: string
  readonly dtype: DtypeName | 'string' | 'bool'
  /** Shape of one row's value; for a ragged column, of one element of its list. Default `[]` */
  readonly rowShape?: readonly number[]
  readonly ragged?: boolean
  readonly metadata?: Readonly<Record<string, string>>
}

/** One batch's values of a column: flat numbers, text, or, where ragged, numbers with `[rows + 1]` offsets. */
export type ArrowValues =
  | NumericArray
  | readonly string[]
  | { readonly values: NumericArray; readonly offsets: ArrayLike<number> }

export interface ArrowWriter {
  readonly rows: number
  append(columns: Readonly<Record<string, ArrowValues>>, rows: number): void
  close(): void
  discard(): void
}

const arrowTypes: Readonly<Record<DtypeName | 'string' | 'bool', () => DataType>> = {
  i1: () => new Int8(),
  u1: () => new Uint8(),
  i2: () => new Int16(),
  u2: () => new Uint16(),
  i4: () => new Int32(),
  u4: () => new Uint32(),
  i8: () => new Int64(),
  u8: () => new Uint64(),
  f4: () => new Float32(),
  f8: () => new Float64(),
  bool: () => new Bool(),
  string: () => new Utf8(),
}

/**
 * A new Arrow IPC file, written batch by batch under a temporary name and renamed at `close`.
 * @throws UsageError where a file exists and `force` is not set; WorkError where the disk is full
 */
export function createArrow(
  path: string,
  columns: readonly ArrowColumnSpec[],
  options: { readonly metadata?: Readonly<Record<string, string>>; readonly force?: boolean } = {},
): ArrowWriter {
  refuseOverwrite(path, options.force)
  return new OpenArrowWriter(path, columns, options.metadata ?? {})
}

/**
 * Sends what the library's writer makes straight to the file: it would else gather all of it in memory. And writes the
 * schema at the start too, as the format wants it (the library puts it in the footer only, so that nobody could read
 * the file as a stream).
 */
class DescriptorWriter extends RecordBatchFileWriter {
  descriptor = -1

  protected override _writeSchema(schema: Schema): this {
    return this._writeMagic()._writePadding(2)._writeMessage(Message.from(schema))
  }

  protected override _write(chunk: ArrayBufferView): this {
    if (!this._started) return this
    const bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    writeFully(this.descriptor, bytes)
    this._position += bytes.length
    return this
  }
}

class OpenArrowWriter implements ArrowWriter {
  rows = 0
  private readonly temporary: string
  private readonly descriptor: number
  private readonly writer = new DescriptorWriter()
  private readonly schema: Schema
  private open = true

  constructor(
    private readonly path: string,
    private readonly columns: readonly ArrowColumnSpec[],
    metadata: Readonly<Record<string, string>>,
  ) {
    this.temporary = temporaryBeside(path)
    this.schema = new Schema(columns.map(fieldOf), new Map(Object.entries(metadata)))
    try {
      mkdirSync(dirname(path), { recursive: true })
      this.descriptor = openSync(this.temporary, 'wx')
    } catch (error) {
      throw writeError(path, error)
    }
    this.writer.descriptor = this.descriptor
    this.attempt(() => this.writer.reset(undefined, this.schema))
  }

  append(columns: Readonly<Record<string, ArrowValues>>, rows: number): void {
    const children = this.columns.map(spec => dataOf(spec, columns[spec.name], rows))
    const data = makeData({ type: new Struct(this.schema.fields), length: rows, nullCount: 0, children })
    this.attempt(() => this.writer.write(new RecordBatch(this.schema, data)))
    this.rows += rows
  }

  close(): void {
    this.attempt(() => {
      this.writer.finish()
      fsyncSync(this.descriptor)
      closeSync(this.descriptor)
      this.open = false
      renameSync(this.temporary, this.path)
    })
  }

  discard(): void {
    if (!this.open) return
    this.open = false
    closeSync(this.descriptor)
    removeQuietly(this.temporary)
  }

  private attempt(action: () => unknown): void {
    try {
      action()
    } catch (error) {
      this.discard()
      removeQuietly(this.temporary)
      throw writeError(this.path, error)
    }
  }
}

function fieldOf(spec: ArrowColumnSpec): Field {
  const metadata = new Map(Object.entries(spec.metadata ?? {}))
  const inner = nestedType(arrowTypes[spec.dtype](), spec.rowShape ?? [])
  return new Field(spec.name, spec.ragged ? new List(new Field('item', inner, false)) : inner, false, metadata)
}

function nestedType(type: DataType, shape: readonly number[]): DataType {
  return shape.reduceRight<DataType>((inner, size) => new FixedSizeList(size, new Field('item', inner, false)), type)
}

function dataOf(spec: ArrowColumnSpec, given: ArrowValues | undefined, rows: number): Data {
  if (given === undefined) throw new UsageError(`expected the column ${spec.name}`, 'got none', 'append all columns')
  const shape = spec.rowShape ?? []
  if (!spec.ragged) return nest(spec, plain(spec, given, rows * sizeOf(shape)), shape)
  if (isNumeric(given) || Array.isArray(given) || !('offsets' in given)) {
    throw new UsageError(
      `expected offsets with the ragged column ${spec.name}`,
      'got none',
      'append values and offsets',
    )
  }
  const child = nest(spec, plain(spec, given.values, given.values.length), shape)
  const field = fieldOf(spec)
  const valueOffsets = Int32Array.from(given.offsets)
  return makeData({ type: field.type as List, length: rows, nullCount: 0, valueOffsets, child })
}

function nest(spec: ArrowColumnSpec, data: Data, shape: readonly number[]): Data {
  let child = data
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const type = nestedType(arrowTypes[spec.dtype](), shape.slice(axis)) as FixedSizeList
    child = makeData({ type, length: shape[axis] === 0 ? 0 : child.length / shape[axis], nullCount: 0, child })
  }
  return child
}

function plain(spec: ArrowColumnSpec, given: ArrowValues, length: number): Data {
  const type = arrowTypes[spec.dtype]()
  if (isNumeric(given)) {
    if (given.length !== length || (spec.dtype !== 'bool' && dtypeOf(given) !== spec.dtype)) {
      const got = `${given.length} of ${dtypeOf(given)}`
      throw new UsageError(
        `expected ${length} values of ${spec.dtype} for column ${spec.name}`,
        `got ${got}`,
        'convert them',
      )
    }
    if (spec.dtype !== 'bool')
      return makeData({ type: type as Float64, length, nullCount: 0, data: given as Float64Array })
    const bits = new Uint8Array(Math.ceil(length / 8))
    for (let i = 0; i < length; i++) if (given[i]) bits[i >> 3] |= 1 << (i & 7)
    return makeData({ type: type as Bool, length, nullCount: 0, data: bits })
  }
  if (!Array.isArray(given) || given.length !== length || spec.dtype !== 'string') {
    throw new UsageError(`expected ${length} texts for column ${spec.name}`, 'got others', 'convert them')
  }
  const encoded = given.map(word => new TextEncoder().encode(String(word)))
  const valueOffsets = new Int32Array(length + 1)
  encoded.forEach((bytes, i) => {
    valueOffsets[i + 1] = valueOffsets[i] + bytes.length
  })
  return makeData({ type: type as Utf8, length, nullCount: 0, valueOffsets, data: Buffer.concat(encoded) })
}
