import { fstatSync, readSync } from 'node:fs'
import { Message } from 'apache-arrow'
import { Footer } from 'apache-arrow/ipc/metadata/file'
import { DataError } from '../../core/index.js'

/** One message of an IPC file: where it lies, and for a batch of records how many rows. */
export interface MessagePlace {
  readonly kind: 'schema' | 'dictionary' | 'records'
  /** From the length prefix to the end of the body */
  readonly at: number
  readonly bytes: number
  readonly rows: number
}

const magic = Buffer.from('ARROW1')
const continuation = 0xffffffff
/** No honest schema or batch header is larger. */
const mostMetadata = 1 << 28

/**
 * Where the messages of an Arrow IPC file or stream lie, bodies skipped. Every length is held against the size of the
 * file before anything is read by it, so that a damaged file ends in an error and not in an endless loop or a huge
 * allocation.
 */
export function locateMessages(path: string, descriptor: number): MessagePlace[] {
  const size = fstatSync(descriptor).size
  const places: MessagePlace[] = []
  let at = startsWithMagic(descriptor) ? 8 : 0
  while (at + 4 <= size) {
    const head = readBytes(path, descriptor, at, Math.min(8, size - at))
    const marked = head.readUInt32LE(0) === continuation
    if (marked && head.length < 8) break
    const prefix = marked ? 8 : 4
    const length = marked ? head.readInt32LE(4) : head.readInt32LE(0)
    if (length === 0) break
    if (length < 0 || length > mostMetadata || at + prefix + length > size)
      throw damaged(path, `a header of ${length} bytes at ${at} of ${size}`)
    const metadata = readBytes(path, descriptor, at + prefix, length)
    const { kind, rows, bodyLength } = inspectMetadata(path, metadata)
    if (places.length > 0 && kind === 'schema') throw damaged(path, 'a second schema')
    if (places.length === 0 && kind !== 'schema' && !startsWithMagic(descriptor))
      throw damaged(path, `a batch of ${kind} before the schema`)
    const bytes = prefix + length + bodyLength
    if (at + bytes > size) throw damaged(path, `a body of ${bodyLength} bytes at ${at + prefix + length} of ${size}`)
    places.push({ kind, at, bytes, rows })
    at += bytes
  }
  if (places.length === 0 && !startsWithMagic(descriptor)) throw damaged(path, 'no schema')
  return places
}

/**
 * The schema as a message of its own: the first message, or, in files of apache-arrow for JavaScript, from the footer,
 * the only place where it puts it.
 */
export function schemaMessage(path: string, descriptor: number, places: readonly MessagePlace[]): Buffer {
  const first = places[0]
  if (first?.kind === 'schema') return readBytes(path, descriptor, first.at, first.bytes)
  const size = fstatSync(descriptor).size
  const tail = readBytes(path, descriptor, Math.max(0, size - 10), Math.min(10, size))
  const length = tail.length === 10 ? tail.readInt32LE(0) : -1
  if (!tail.subarray(4).equals(magic) || length <= 0 || length > mostMetadata || length + 18 > size)
    throw damaged(path, 'no footer: it is cut short')
  const footer = readBytes(path, descriptor, size - 10 - length, length)
  const message = safely(path, () => Message.encode(Message.from(Footer.decode(footer).schema)))
  const padded = Math.ceil(message.length / 8) * 8
  const out = Buffer.alloc(8 + padded)
  out.writeUInt32LE(continuation, 0)
  out.writeInt32LE(padded, 4)
  out.set(message, 8)
  return out
}

export function readBytes(path: string, descriptor: number, at: number, length: number): Buffer<ArrayBuffer> {
  const bytes = Buffer.from(new ArrayBuffer(length))
  for (let got = 0; got < length; ) {
    const read = readSync(descriptor, bytes, got, Math.min(length - got, 1 << 30), at + got)
    if (read === 0) throw damaged(path, `its end at ${at + got}`)
    got += read
  }
  return bytes
}

export function damaged(path: string, got: string): DataError {
  return new DataError(
    `expected a whole Arrow file or stream at ${path}`,
    `got ${got}`,
    'write it again, for it is damaged or another format',
  )
}

function startsWithMagic(descriptor: number): boolean {
  const head = Buffer.alloc(6)
  readSync(descriptor, head, 0, 6, 0)
  return head.equals(magic)
}

function inspectMetadata(
  path: string,
  metadata: Buffer,
): { kind: MessagePlace['kind']; rows: number; bodyLength: number } {
  const message = safely(path, () => Message.decode(metadata))
  const bodyLength = message.bodyLength
  if (!Number.isSafeInteger(bodyLength) || bodyLength < 0) throw damaged(path, `a body of ${bodyLength} bytes`)
  if (message.isSchema()) {
    requireLittleEndian(path, metadata)
    return { kind: 'schema', rows: 0, bodyLength }
  }
  if (!message.isRecordBatch() && !message.isDictionaryBatch())
    throw damaged(path, `a message of type ${Number(message.headerType)}`)
  const kind = message.isRecordBatch() ? 'records' : 'dictionary'
  const header = safely(path, () => message.header() as unknown as BatchHeader)
  const batch = header.data ?? header
  if (batch.compression) {
    throw new DataError(
      `expected uncompressed batches in ${path}`,
      'got LZ4 or ZSTD ones',
      'write it without compression',
    )
  }
  if (!(batch.length >= 0) || !Number.isSafeInteger(batch.length))
    throw damaged(path, `a batch of ${batch.length} rows`)
  for (const { offset, length } of batch.buffers) {
    if (!(offset >= 0 && length >= 0 && offset + length <= bodyLength)) {
      throw damaged(path, `a buffer of ${length} bytes at ${offset} in a body of ${bodyLength}`)
    }
  }
  for (const { length, nullCount } of batch.nodes) {
    if (!(length >= 0 && nullCount >= -1 && nullCount <= length))
      throw damaged(path, `a column of ${length} values with ${nullCount} nulls`)
  }
  return { kind, rows: kind === 'records' ? batch.length : 0, bodyLength }
}

interface BatchHeader {
  readonly length: number
  readonly compression?: unknown
  readonly buffers: readonly { readonly offset: number; readonly length: number }[]
  readonly nodes: readonly { readonly length: number; readonly nullCount: number }[]
  readonly data?: BatchHeader
}

/**
 * Big-endian files are written by big-endian machines only; apache-arrow would read them as nonsense without an error,
 * and keeps the flag to itself. So it is read from the flatbuffer: table Message, field 2 = header, a table Schema,
 * field 0 = endianness (i16, absent = little).
 */
function requireLittleEndian(path: string, metadata: Buffer): void {
  const endianness = safely(path, () => {
    const field = (table: number, index: number): number => {
      const vtable = table - metadata.readInt32LE(table)
      const entry = 4 + 2 * index
      const offset = entry < metadata.readUInt16LE(vtable) ? metadata.readUInt16LE(vtable + entry) : 0
      return offset === 0 ? 0 : table + offset
    }
    const header = field(metadata.readUInt32LE(0), 2)
    const flag = header === 0 ? 0 : field(header + metadata.readUInt32LE(header), 0)
    return flag === 0 ? 0 : metadata.readInt16LE(flag)
  })
  if (endianness !== 0)
    throw new DataError(`expected little-endian data in ${path}`, 'got big-endian', 'write it on another machine')
}

/** Whatever the library throws about a damaged file, as one line of ours. */
export function safely<T>(path: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    if (error instanceof DataError) throw error
    throw damaged(
      path,
      `what cannot be decoded (${error instanceof Error ? error.message.split('\n')[0] : String(error)})`,
    )
  }
}
