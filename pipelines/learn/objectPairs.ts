import type { Key } from '../../core/index.js'
import { type ChunkedSource, type Drawn, inOrder, type Source, shuffled } from '../stream/index.js'
import type { HeldOut, Pairs } from './members.js'

/** Where the stream of batches stands: `batch` batches of epoch `epoch` have been taken. */
export type BatchPosition = { readonly epoch: number; readonly batch: number }

/** How objects of a source become what a method learns from. */
export interface ObjectPairsOptions<O> {
  readonly key: Key
  /** the objects that take part */
  readonly indices: Int32Array
  /** objects of an ordinary batch */
  readonly batch: number
  /** `[objects, p]` standard normal coordinates of their theta */
  targets(objects: readonly O[]): Float32Array
  /** the padded size of an object; all of one size where absent */
  sizeOf?(object: O, key?: Key): number
  /** objects of that size in one batch; default `batch` */
  batchOf?(size: number): number
  /** what an object is changed to each time it is seen; sizes are then those of `sizeOf` with the same key */
  augment?(object: O, key: Key): O
}

/**
 * Training batches without end: objects shuffled and augmented, gathered by their padded size. What a size has left
 * when an epoch ends is used only where that size had no batch at all (then objects come twice); else it waits for
 * another epoch, whose order is another. A batch depends on the key and its position alone.
 */
export function objectPairs<O>(
  source: ChunkedSource<O>,
  options: ObjectPairsOptions<O>,
  from: BatchPosition = { epoch: 0, batch: 0 },
): Source<Pairs<O, BatchPosition>> {
  const { key, indices, batch: ordinary, targets, sizeOf = () => 0, batchOf = () => ordinary } = options
  const augment = options.augment ?? (object => object)
  return async function* (signal) {
    for (let epoch = from.epoch; ; epoch++) {
      let batch = 0
      const first = epoch === from.epoch ? from.batch : 0
      const waiting = new Map<number, Drawn<O>[]>()
      const served = new Set<number>()
      const make = (group: readonly Drawn<O>[]): Pairs<O, BatchPosition> | undefined => {
        batch++
        if (batch <= first) return undefined
        const objects = group.map(drawn => augment(drawn.item, drawn.key))
        return {
          z: targets(objects),
          objects,
          // objects of the batch over those of an ordinary one, so that each object counts alike
          weight: objects.length / ordinary,
          key: key.split('noise').split(epoch).split(batch),
          next: { epoch, batch },
        }
      }
      for await (const drawn of shuffled(source, { key, indices }, { epoch, position: 0 }, epoch + 1)(signal)) {
        const size = sizeOf(drawn.item, drawn.key)
        const group = waiting.get(size) ?? []
        waiting.set(size, group)
        group.push(drawn)
        if (group.length < batchOf(size)) continue
        waiting.set(size, [])
        served.add(size)
        const made = make(group)
        if (made) yield made
      }
      for (const [size, group] of waiting) {
        if (group.length === 0 || served.has(size)) continue
        const made = make(Array.from({ length: batchOf(size) }, (_, i) => group[i % group.length]))
        if (made) yield made
      }
    }
  }
}

/**
 * Objects that are held out, as they are, in batches of one size each; the last of a size is filled up and counts for
 * what is new.
 */
export async function heldOutObjects<O>(
  source: ChunkedSource<O>,
  { indices, key, batch, targets, sizeOf = () => 0, batchOf = () => batch }: ObjectPairsOptions<O>,
  signal: AbortSignal,
): Promise<HeldOut<O>[]> {
  const bySize = new Map<number, O[]>()
  for await (const { item } of inOrder(source, indices)(signal)) {
    const size = sizeOf(item)
    bySize.set(size, [...(bySize.get(size) ?? []), item])
  }
  return [...bySize].flatMap(([size, items]) => {
    const rows = batchOf(size)
    return Array.from({ length: Math.ceil(items.length / rows) }, (_, i): HeldOut<O> => {
      const objects = Array.from({ length: rows }, (_, row) => items[(i * rows + row) % items.length])
      const own = key.split('held out').split(size).split(i)
      return { z: targets(objects), objects, key: own, count: Math.min(rows, items.length - i * rows) }
    })
  })
}
