import { closeSync, fstatSync, openSync, readFileSync, readSync, statSync } from 'node:fs'
import { DataError, UsageError } from '../core/index.js'
import { writeAtomic } from './atomic.js'
import { sizeOf } from './columns.js'

export type TensorValues = Float32Array | Float64Array | Int32Array | Uint8Array | BigInt64Array

export interface StoredTensor<T extends TensorValues = TensorValues> {
  readonly shape: readonly number[]
  readonly values: T
}

export interface Safetensors {
  readonly tensors: Readonly<Record<string, StoredTensor>>
  readonly metadata: Readonly<Record<string, string>>
}

const dtypeArrays = {
  F32: Float32Array,
  F64: Float64Array,
  I32: Int32Array,
  U8: Uint8Array,
  I64: BigInt64Array,
} as const
type Dtype = keyof typeof dtypeArrays

/**
 * Writes named tensors in the safetensors format: 8 bytes of header length, a JSON header, the values. Names are sorted
 * and the header padded to 8 bytes, so equal tensors give equal bytes. Atomic.
 */
export function writeSafetensors(
  path: string,
  tensors: Readonly<Record<string, StoredTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): void {
  writeAtomic(path, encodeSafetensors(tensors, metadata))
}

export function encodeSafetensors(
  tensors: Readonly<Record<string, StoredTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array[] {
  const header: Record<string, unknown> = {}
  const metadataNames = Object.keys(metadata).sort()
  if (metadataNames.length > 0)
    header.__metadata__ = Object.fromEntries(metadataNames.map(name => [name, metadata[name]]))
  const bodies: Uint8Array[] = []
  let at = 0
  // Wide types first keeps every tensor aligned to its own size; then by name.
  const names = Object.keys(tensors).sort((a, b) => widthOf(tensors[b]) - widthOf(tensors[a]) || (a < b ? -1 : 1))
  for (const name of names) {
    const { shape, values } = tensors[name]
    if (name === '__metadata__' || sizeOf(shape) !== values.length) {
      throw new UsageError(
        `expected ${sizeOf(shape)} values for tensor ${name} of shape [${shape}]`,
        `got ${values.length}`,
        'correct the shape',
      )
    }
    header[name] = { dtype: dtypeOf(values), shape, data_offsets: [at, at + values.byteLength] }
    bodies.push(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    at += values.byteLength
  }
  const text = Buffer.from(JSON.stringify(header))
  const head = Buffer.alloc(8 + Math.ceil(text.length / 8) * 8, ' ')
  head.writeBigUInt64LE(BigInt(head.length - 8), 0)
  text.copy(head, 8)
  return [head, ...bodies]
}

/** @throws DataError where the file is no safetensors, is cut short, or its header and its size disagree */
export function readSafetensors(path: string): Safetensors {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found?.isFile())
    throw new DataError(
      `expected a safetensors file at ${path}`,
      found ? 'got a folder' : 'got no file',
      'check the path',
    )
  const bytes = readFileSync(path)
  const length = bytes.length >= 8 ? Number(bytes.readBigUInt64LE(0)) : Number.POSITIVE_INFINITY
  if (8 + length > bytes.length) throw damaged(path, `a file of ${bytes.length} bytes, too short for its header`)
  const header = parseHeader(path, bytes.subarray(8, 8 + length).toString('utf8'))
  const body = bytes.subarray(8 + length)
  const tensors: Record<string, StoredTensor> = {}
  let end = 0
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue
    const { dtype, shape, data_offsets: span } = entryOf(path, name, entry)
    const type = dtypeArrays[dtype]
    if (span[0] < 0 || span[1] > body.length || span[1] - span[0] !== sizeOf(shape) * type.BYTES_PER_ELEMENT) {
      throw damaged(path, `tensor ${name} of shape [${shape}] at bytes ${span[0]} to ${span[1]} of ${body.length}`)
    }
    end = Math.max(end, span[1])
    const own = new Uint8Array(body.subarray(span[0], span[1]))
    tensors[name] = { shape, values: new type(own.buffer) }
  }
  if (end !== body.length) throw damaged(path, `${body.length} bytes of values where the header names ${end}`)
  return { tensors, metadata: (header.__metadata__ ?? {}) as Record<string, string> }
}

/**
 * The metadata of a safetensors file, from its header alone.
 * @throws DataError where the file is no safetensors, or is cut short within the header
 */
export function readSafetensorsMetadata(path: string): Readonly<Record<string, string>> {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile())
    throw new DataError(`expected a safetensors file at ${path}`, 'got no file', 'check the path')
  const descriptor = openSync(path, 'r')
  try {
    const head = Buffer.alloc(8)
    const got = readSync(descriptor, head, 0, 8, 0)
    const length = got === 8 ? Number(head.readBigUInt64LE(0)) : Number.POSITIVE_INFINITY
    const size = fstatSync(descriptor).size
    if (8 + length > size) throw damaged(path, `a file of ${size} bytes, too short for its header`)
    const text = Buffer.alloc(length)
    readSync(descriptor, text, 0, length, 8)
    return (parseHeader(path, text.toString('utf8')).__metadata__ ?? {}) as Record<string, string>
  } finally {
    closeSync(descriptor)
  }
}

function dtypeOf(values: TensorValues): Dtype {
  return (Object.keys(dtypeArrays) as Dtype[]).find(name => values instanceof dtypeArrays[name])!
}

function widthOf(tensor: StoredTensor): number {
  return tensor.values.BYTES_PER_ELEMENT
}

function damaged(path: string, got: string): DataError {
  return new DataError(
    `expected a whole safetensors file at ${path}`,
    `got ${got}`,
    'write it again, for it may have been cut short',
  )
}

function parseHeader(path: string, text: string): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(text)
    if (typeof header === 'object' && header !== null && !Array.isArray(header))
      return header as Record<string, unknown>
  } catch {
    // reported below with the file's name
  }
  throw damaged(path, 'a header that is no JSON object')
}

function entryOf(
  path: string,
  name: string,
  entry: unknown,
): { dtype: Dtype; shape: number[]; data_offsets: [number, number] } {
  const { dtype, shape, data_offsets } = (entry ?? {}) as { dtype?: unknown; shape?: unknown; data_offsets?: unknown }
  if (typeof dtype !== 'string' || !(dtype in dtypeArrays)) {
    throw new DataError(
      `expected ${Object.keys(dtypeArrays).join(' ')} tensors in ${path}`,
      `got ${name} of ${String(dtype)}`,
      'convert it',
    )
  }
  if (!isWholeNumbers(shape) || !isWholeNumbers(data_offsets) || data_offsets.length !== 2) {
    throw damaged(path, `tensor ${name} without a shape and a span`)
  }
  return { dtype: dtype as Dtype, shape, data_offsets: [data_offsets[0], data_offsets[1]] }
}

function isWholeNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(entry => Number.isSafeInteger(entry) && entry >= 0)
}
