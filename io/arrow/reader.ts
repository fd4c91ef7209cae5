import { closeSync, openSync, statSync } from 'node:fs'
import { type RecordBatch, RecordBatchReader, type Schema } from 'apache-arrow'
import { DataError } from '../../core/index.js'
import type { Column } from '../columns.js'
import { stopIfAborted, yieldToEventLoop } from '../eventLoop.js'
import { columnOf, elementType, rowShape, validityOf } from './columns.js'
import { damaged, locateMessages, type MessagePlace, readBytes, safely, schemaMessage } from './messages.js'

export interface ArrowColumnInfo {
  readonly name: string
  /** Arrow's name of the innermost type, `Float32` */
  readonly type: string
  /** Shape of one row's value: `[]` a number, `[5000, 3]` nested fixed-size lists */
  readonly rowShape: readonly number[]
  /** For example `units` */
  readonly metadata: Readonly<Record<string, string>>
}

export interface ArrowBatch {
  readonly start: number
  readonly rows: number
  readonly columns: Readonly<Record<string, Column>>
  /** 1 where a row has a value, for the columns that have nulls */
  readonly valid: Readonly<Record<string, Uint8Array>>
}

export interface ArrowOptions {
  readonly from?: number
  readonly to?: number
  /** Only these columns */
  readonly columns?: readonly string[]
  readonly signal?: AbortSignal
}

/** An Arrow IPC file or stream. Only one batch of records is in memory at a time; its size is the writer's choice. */
export interface ArrowFile {
  readonly path: string
  readonly rows: number
  readonly columns: readonly ArrowColumnInfo[]
  readonly metadata: Readonly<Record<string, string>>
  /** Batches that hold rows `from` to `to`, in order, whole */
  batches(options?: ArrowOptions): AsyncGenerator<ArrowBatch>
  close(): void
}

/** @throws DataError where the file is damaged, compressed, big-endian, or no Arrow at all */
export function openArrow(path: string): ArrowFile {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found?.isFile())
    throw new DataError(`expected an Arrow file at ${path}`, found ? 'got a folder' : 'got no file', 'check the path')
  const descriptor = openSync(path, 'r')
  try {
    const places = locateMessages(path, descriptor)
    const message = schemaMessage(path, descriptor, places)
    return new OpenArrow(path, descriptor, places, { message, schema: decodeSchema(path, message) })
  } catch (error) {
    closeSync(descriptor)
    throw error
  }
}

class OpenArrow implements ArrowFile {
  readonly rows: number
  readonly columns: readonly ArrowColumnInfo[]
  readonly metadata: Readonly<Record<string, string>>
  private open = true

  constructor(
    readonly path: string,
    private readonly descriptor: number,
    private readonly places: readonly MessagePlace[],
    private readonly schema: { readonly message: Buffer; readonly schema: Schema },
  ) {
    const { fields, metadata } = schema.schema
    this.rows = places.reduce((sum, place) => sum + place.rows, 0)
    this.metadata = Object.fromEntries(metadata)
    this.columns = fields.map(field => ({
      name: field.name,
      type: String(elementType(field)),
      rowShape: rowShape(field),
      metadata: Object.fromEntries(field.metadata),
    }))
    const names = fields.map(field => field.name)
    const twice = names.find((name, i) => names.indexOf(name) !== i)
    if (twice !== undefined)
      throw new DataError(`expected different column names in ${path}`, `got ${twice} twice`, 'rename one')
  }

  async *batches(options: ArrowOptions = {}): AsyncGenerator<ArrowBatch> {
    const { from = 0, to = this.rows, signal } = options
    const before: Buffer[] = [this.schema.message]
    let start = 0
    for (const place of this.places) {
      stopIfAborted(signal)
      if (place.kind === 'schema') continue
      if (place.kind === 'dictionary') {
        before.push(read(this.path, this.descriptor, place))
        continue
      }
      const end = start + place.rows
      if (end > from && start < to) {
        const batch = decodeBatch(this.path, [...before, read(this.path, this.descriptor, place)])
        yield this.shape(batch, start, options.columns)
        await yieldToEventLoop()
      }
      start = end
    }
  }

  close(): void {
    if (this.open) closeSync(this.descriptor)
    this.open = false
  }

  private shape(batch: RecordBatch, start: number, wanted?: readonly string[]): ArrowBatch {
    const columns: Record<string, Column> = {}
    const valid: Record<string, Uint8Array> = {}
    batch.schema.fields.forEach((field, i) => {
      if (wanted && !wanted.includes(field.name)) return
      const where = `column ${field.name} of ${this.path}`
      const data = batch.data.children[i]
      if (data.length !== batch.numRows) {
        throw new DataError(
          `expected ${batch.numRows} values in ${where}`,
          `got ${data.length}`,
          'write it again, for it is damaged',
        )
      }
      columns[field.name] = safely(this.path, () => columnOf(where, data))
      const mask = validityOf(where, data)
      if (mask?.includes(0)) valid[field.name] = mask
    })
    return { start, rows: batch.numRows, columns, valid }
  }
}

function read(path: string, descriptor: number, place: MessagePlace): Buffer {
  return readBytes(path, descriptor, place.at, place.bytes)
}

const endOfStream = Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0])

function decodeSchema(path: string, bytes: Buffer): Schema {
  return safely(path, () => RecordBatchReader.from(Buffer.concat([bytes, endOfStream])).open().schema)
}

function decodeBatch(path: string, messages: readonly Buffer[]): RecordBatch {
  return safely(path, () => {
    const reader = RecordBatchReader.from([...messages, endOfStream]).open()
    const { value, done } = reader.next()
    if (done) throw damaged(path, 'a message without its record batch')
    return value
  })
}
