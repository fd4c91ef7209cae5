import { type Key, permutation } from '../../core/key.js'
import type { Source } from './demand.js'

/** Items that are read a chunk at a time: chunk c holds items `c * chunkSize … ` up to `count`. */
export interface ChunkedSource<T> {
  readonly count: number
  readonly chunkSize: number
  /** About how large an item is in memory; where known, it bounds what a shuffle holds. */
  readonly itemBytes?: number
  /** The items of a chunk, in order. */
  readChunk(chunk: number, signal: AbortSignal): Promise<readonly T[]>
}

/** Where a stream stands: `position` items of epoch `epoch` have been taken. */
export interface StreamPosition {
  readonly epoch: number
  readonly position: number
}

/** An item of the stream; its key belongs to (seed, epoch, index) and to nothing else. */
export interface Drawn<T> {
  readonly item: T
  /** Index of the item in the source. */
  readonly index: number
  readonly epoch: number
  /** Position within the epoch. */
  readonly position: number
  readonly key: Key
}

/** A part of an epoch that lies in memory at one time: some chunks and the order of their items. */
interface Window {
  readonly chunks: readonly number[]
  readonly order: Int32Array
}

export interface ShuffleOptions {
  readonly key: Key
  /** The items that take part, such as the training split; all of them where it is absent. */
  readonly indices?: Int32Array
  /**
   * Chunks that are in memory at one time and mixed with one another; default 8, fewer where they would exceed 128 MB.
   */
  readonly bufferChunks?: number
}

/**
 * The order of an epoch: chunks in a random order, then the items of each group of `bufferChunks` chunks mixed. It is a
 * function of (key, epoch) alone, so that a stream may begin anywhere in it; and a group is read once, so that a file
 * is read in slices and memory holds `bufferChunks` chunks.
 */
function epochWindows(source: ChunkedSource<unknown>, options: ShuffleOptions, epoch: number): Window[] {
  const key = options.key.split('order').split(epoch)
  const byChunk = new Map<number, number[]>()
  const indices = options.indices ?? Int32Array.from({ length: source.count }, (_, i) => i)
  for (const index of indices) {
    const chunk = Math.floor(index / source.chunkSize)
    const members = byChunk.get(chunk)
    if (members) members.push(index)
    else byChunk.set(chunk, [index])
  }
  const chunks = [...byChunk.keys()].sort((a, b) => a - b)
  const order = permutation(key.split('chunks'), chunks.length)
  const size = Math.max(1, options.bufferChunks ?? affordableChunks(source))
  const windows: Window[] = []
  for (let first = 0; first < chunks.length; first += size) {
    const group = Array.from(order.subarray(first, first + size), i => chunks[i])
    const members = group.flatMap(chunk => byChunk.get(chunk) ?? [])
    const mixed = permutation(key.split('window').split(first), members.length)
    windows.push({ chunks: group, order: Int32Array.from(mixed, i => members[i]) })
  }
  return windows
}

/** A rule on the source alone, not on the machine: the order of a run must not depend on where it runs. */
function affordableChunks({ chunkSize, itemBytes }: ChunkedSource<unknown>): number {
  return itemBytes ? Math.min(8, Math.floor(2 ** 27 / (chunkSize * itemBytes))) : 8
}

/** All indices of an epoch in the order in which `shuffled` gives them. */
export function epochOrder(source: ChunkedSource<unknown>, options: ShuffleOptions, epoch: number): Int32Array {
  return Int32Array.from(epochWindows(source, options, epoch).flatMap(window => Array.from(window.order)))
}

/** The position `items` items into the stream, in epochs of `length`. */
export function positionAt(items: number, length: number): StreamPosition {
  return { epoch: Math.floor(items / length), position: items % length }
}

/**
 * An endless stream of items, epoch after epoch, each in its own order. Beginning at a position gives the same items as
 * running there from the start, so that `{ epoch, position }` is all the state that a checkpoint needs.
 *
 * @param from  where to begin
 * @param epochs ends before this epoch; endless where absent
 */
export function shuffled<T>(
  source: ChunkedSource<T>,
  options: ShuffleOptions,
  from: StreamPosition = { epoch: 0, position: 0 },
  epochs = Number.POSITIVE_INFINITY,
): Source<Drawn<T>> {
  return async function* (signal) {
    if ((options.indices?.length ?? source.count) === 0) return
    let skip = from.position
    for (let epoch = from.epoch; epoch < epochs; epoch++) {
      let position = 0
      for (const window of epochWindows(source, options, epoch)) {
        if (skip >= window.order.length) {
          skip -= window.order.length
          position += window.order.length
          continue
        }
        const held = await readWindow(source, window, signal)
        for (const index of window.order) {
          if (skip > 0) skip--
          else yield { item: held(index), index, epoch, position, key: itemKey(options.key, epoch, index) }
          position++
        }
      }
    }
  }
}

/** The key of an item in an epoch: augmentation, subsampling and noise split it further. */
export function itemKey(key: Key, epoch: number, index: number): Key {
  return key.split('item').split(epoch).split(index)
}

/** One chunk after another: readers of files gain nothing from being asked twice at a time. */
async function readWindow<T>(
  source: ChunkedSource<T>,
  window: Window,
  signal: AbortSignal,
): Promise<(index: number) => T> {
  const chunks = new Map<number, readonly T[]>()
  for (const chunk of window.chunks) {
    signal.throwIfAborted()
    chunks.set(chunk, await source.readChunk(chunk, signal))
  }
  return index => {
    const chunk = Math.floor(index / source.chunkSize)
    const item = chunks.get(chunk)?.[index - chunk * source.chunkSize]
    if (item === undefined) throw new RangeError(`expected chunk ${chunk} to hold item ${index}`)
    return item
  }
}

/** Items that are in memory already, such as the embedded fields. */
export function chunksOf<T>(items: readonly T[], chunkSize = 1): ChunkedSource<T> {
  return {
    count: items.length,
    chunkSize,
    readChunk: async chunk => items.slice(chunk * chunkSize, (chunk + 1) * chunkSize),
  }
}

/** Items one after another, each once, in their own order: for statistics and evaluation. */
export function inOrder<T>(
  source: ChunkedSource<T>,
  indices?: Int32Array,
): Source<{ readonly item: T; readonly index: number }> {
  const wanted = indices ? new Set(indices) : undefined
  return async function* (signal) {
    for (let first = 0; first < source.count; first += source.chunkSize) {
      const last = Math.min(first + source.chunkSize, source.count)
      const members = Array.from({ length: last - first }, (_, i) => first + i).filter(i => !wanted || wanted.has(i))
      if (members.length === 0) continue
      signal.throwIfAborted()
      const items = await source.readChunk(first / source.chunkSize, signal)
      for (const index of members) yield { item: items[index - first], index }
    }
  }
}
