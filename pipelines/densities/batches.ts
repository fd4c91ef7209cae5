import { type Key, permutation } from '../../core/index.js'
import type { Row, SimulationTable } from '../../generative/sbi/index.js'
import type { HeldOut, Pairs } from '../learn/members.js'
import type { Source } from '../stream/index.js'
import type { RowStore } from './rowStore.js'

/** Where the stream of batches stands: `batch` batches of epoch `epoch` have been taken. */
export type RowPosition = { readonly epoch: number; readonly batch: number }

export interface RowPairsOptions {
  readonly key: Key
  /** rows a batch */
  readonly batch: number
  /** bytes of rows that are mixed with one another, where the store is a file */
  readonly window: number
  /** length of theta, the first numbers of a row */
  readonly parameters: number
}

/**
 * Training batches without end. Of a store in memory every epoch is one random order; a file is read in windows of
 * chunks, chunks in random order and rows mixed within a window. A batch depends on the key and its position alone;
 * what a window has left over is left out of that epoch.
 */
export function rowPairs(
  store: RowStore,
  options: RowPairsOptions,
  from: RowPosition = { epoch: 0, batch: 0 },
): Source<Pairs<Row, RowPosition>> {
  const { key, batch: size, parameters } = options
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
          const pairs = pairsAt(held, places, taken, { width: store.width, parameters })
          yield { ...pairs, key: own.split('noise').split(batch), next: { epoch, batch } }
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
export function heldOutRows(table: SimulationTable, key: Key, most = 2048): HeldOut<Row>[] {
  const [p, width] = [table.z.length / table.rows, table.x.length / table.rows]
  const pieces: HeldOut<Row>[] = []
  for (let first = 0; first < table.rows; first += most) {
    const count = Math.min(most, table.rows - first)
    pieces.push({
      z: table.z.subarray(first * p, (first + count) * p),
      objects: Array.from({ length: count }, (_, i) => table.x.subarray((first + i) * width, (first + i + 1) * width)),
      key: key.split(first),
      count,
    })
  }
  return pieces
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

function pairsAt(
  held: readonly Float32Array[],
  places: Places,
  taken: Int32Array,
  { width, parameters: p }: { readonly width: number; readonly parameters: number },
): Pick<Pairs<Row, RowPosition>, 'z' | 'objects'> {
  const z = new Float32Array(taken.length * p)
  const objects = Array.from(taken, (place, i) => {
    const chunk = held[places.chunk[place]]
    const at = places.row[place] * width
    z.set(chunk.subarray(at, at + p), i * p)
    return chunk.subarray(at + p, at + width)
  })
  return { z, objects }
}
