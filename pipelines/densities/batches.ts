import { type ArrayValue, type Key, permutation } from '../../core/index.js'
import type { Batch } from '../../engine/index.js'
import type { Method, SimulationTable } from '../../generative/sbi/index.js'
import type { PlacedBatch } from '../run/index.js'
import type { Source } from '../stream/index.js'
import type { RowStore } from './rowStore.js'

/** Where the stream of batches stands: `batch` batches of epoch `epoch` have been taken. */
export type RowPosition = { readonly epoch: number; readonly batch: number }

export interface RowBatchOptions {
  readonly key: Key
  /** rows a batch */
  readonly batch: number
  /** bytes of rows that are mixed with one another, where the store is a file */
  readonly window: number
  readonly method: Pick<Method, 'noise'>
  /** length of theta, the first numbers of a row */
  readonly parameters: number
}

/**
 * Training batches without end. Of a store in memory every epoch is one random order; a file is read in windows of
 * chunks, chunks in random order and rows mixed within a window. A batch depends on the key and its position alone;
 * what a window has left over is left out of that epoch.
 */
export function rowBatches(
  store: RowStore,
  options: RowBatchOptions,
  from: RowPosition = { epoch: 0, batch: 0 },
): Source<PlacedBatch<RowPosition>> {
  const { key, batch: size, method, parameters } = options
  return async function* (signal) {
    for (let epoch = from.epoch; ; epoch++) {
      const own = key.split('epoch').split(epoch)
      let batch = 0
      const first = epoch === from.epoch ? from.batch : 0
      for (const [w, window] of windowsOf(store, options.window, own).entries()) {
        const rows = window.reduce((sum, chunk) => sum + rowsIn(store, chunk), 0)
        const whole = Math.floor(rows / size)
        if (batch + whole <= first) {
          batch += whole
          continue
        }
        const held = window.map(chunk => store.chunk(chunk))
        const places = placesOf(held, store.width, rows)
        const order = permutation(own.split('rows').split(w), rows)
        for (let b = 0; b < whole; b++) {
          batch++
          if (batch <= first) continue
          signal.throwIfAborted()
          const taken = order.subarray(b * size, (b + 1) * size)
          const noise = method.noise(own.split('noise').split(batch), size)
          yield { tensors: batchOf(held, places, taken, store.width, parameters, noise), next: { epoch, batch } }
        }
      }
    }
  }
}

/** Batches an epoch. */
export function batchesAnEpoch(store: RowStore, size: number, window: number): number {
  const chunks = Math.ceil(store.count / store.chunkRows)
  const each = chunksAWindow(store, window)
  // Only the last chunk is short, and the order moves it about: counted as if it stood last.
  let sum = 0
  for (let first = 0; first < chunks; first += each) {
    const rows = Math.min(store.count, (first + each) * store.chunkRows) - first * store.chunkRows
    sum += Math.floor(rows / size)
  }
  return Math.max(1, sum)
}

/** Held-out rows in pieces that a pass can hold, each with noise of its own that never changes. */
export function heldOutBatches(table: SimulationTable, method: Pick<Method, 'noise'>, key: Key, most = 2048) {
  const [p, width] = [table.z.length / table.rows, table.x.length / table.rows]
  const pieces: { readonly tensors: Batch; readonly rows: number }[] = []
  for (let first = 0; first < table.rows; first += most) {
    const rows = Math.min(most, table.rows - first)
    const z = table.z.subarray(first * p, (first + rows) * p)
    const x = table.x.subarray(first * width, (first + rows) * width)
    const noise = method.noise(key.split(first), rows)
    pieces.push({
      tensors: { z: { shape: [rows, p], values: z }, x: { shape: [rows, width], values: x }, ...named(noise) },
      rows,
    })
  }
  return pieces
}

const NOISE = 'noise_'

/** Trainers take flat records: noises are told apart by their prefix. */
export function lossProgram(method: Method) {
  return (params: Parameters<Method['loss']>[0], batch: Record<string, Parameters<Method['loss']>[1]['z']>) => {
    const entries = Object.entries(batch).filter(([name]) => name.startsWith(NOISE))
    const noise = Object.fromEntries(entries.map(([name, tensor]) => [name.slice(NOISE.length), tensor]))
    return method.loss(params, { z: batch.z, x: batch.x, noise })
  }
}

function named(noise: Readonly<Record<string, ArrayValue>>): Record<string, ArrayValue> {
  return Object.fromEntries(Object.entries(noise).map(([name, value]) => [NOISE + name, value]))
}

function rowsIn(store: RowStore, chunk: number): number {
  return Math.min(store.chunkRows, store.count - chunk * store.chunkRows)
}

function chunksAWindow({ chunkRows, width, inMemory }: RowStore, bytes: number): number {
  return inMemory ? Number.MAX_SAFE_INTEGER : Math.max(1, Math.floor(bytes / (4 * width * chunkRows)))
}

function windowsOf(store: RowStore, bytes: number, key: Key): number[][] {
  const chunks = permutation(key.split('chunks'), Math.ceil(store.count / store.chunkRows))
  const each = Math.min(chunks.length, chunksAWindow(store, bytes))
  const windows: number[][] = []
  for (let first = 0; first < chunks.length; first += each)
    windows.push(Array.from(chunks.subarray(first, first + each)))
  return windows
}

/** Where each row of a window lies: of which of its chunks, and the row within. */
interface Places {
  readonly chunk: Int32Array
  readonly row: Int32Array
}

function placesOf(held: readonly Float32Array[], width: number, rows: number): Places {
  const places = { chunk: new Int32Array(rows), row: new Int32Array(rows) }
  let at = 0
  for (const [chunk, values] of held.entries()) {
    for (let row = 0; row < values.length / width; row++, at++) {
      places.chunk[at] = chunk
      places.row[at] = row
    }
  }
  return places
}

function batchOf(
  held: readonly Float32Array[],
  places: Places,
  taken: Int32Array,
  width: number,
  p: number,
  noise: Readonly<Record<string, ArrayValue>>,
): Batch {
  const n = taken.length
  const z = new Float32Array(n * p)
  const x = new Float32Array(n * (width - p))
  for (const [i, place] of taken.entries()) {
    const chunk = held[places.chunk[place]]
    const at = places.row[place] * width
    z.set(chunk.subarray(at, at + p), i * p)
    x.set(chunk.subarray(at + p, at + width), i * (width - p))
  }
  return {
    z: { shape: [n, p], values: z },
    x: { shape: [n, width - p], values: x },
    ...named(noise),
  }
}
