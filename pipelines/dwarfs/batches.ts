import type { Key } from '../../core/index.js'
import type { Dwarf } from '../../io/dwarfs/index.js'
import type { DwarfPrior } from '../../simulators/index.js'
import type { HeldOut, Pairs } from '../learn/members.js'
import { type ChunkedSource, type Drawn, inOrder, type Source, shuffled } from '../stream/index.js'
import { augmentDwarf, starsTaken } from './augmentDwarf.js'
import type { DwarfsConfig } from './config.js'
import { paddedTo } from './examples.js'
import { normalTargets } from './parameters.js'

/** Where the stream of batches stands: `batch` batches of epoch `epoch` have been taken. */
export type BatchPosition = { readonly epoch: number; readonly batch: number }

export interface DwarfPairsOptions {
  readonly key: Key
  /** the galaxies that take part */
  readonly indices: Int32Array
  readonly config: DwarfsConfig
  readonly prior: DwarfPrior
}

/**
 * Stars that an ordinary batch holds a galaxy; those with more come in smaller batches, so that a step's memory stays
 * bounded.
 */
const ordinaryStars = 160

/** Galaxies of so many padded stars in one batch: even, for two workers share it. */
export function galaxiesPerBatch(stars: number, ordinary: number): number {
  if (stars <= ordinaryStars) return ordinary
  return Math.max(2, 2 * Math.floor((ordinary * ordinaryStars) / stars / 2))
}

/**
 * Training batches without end: galaxies shuffled and augmented, gathered by their padded size. What a size has left
 * when an epoch ends goes out only where that size had no batch at all (then galaxies come twice); else it waits for
 * another epoch, whose order is another. A batch depends on the key and its position alone.
 */
export function dwarfPairs(
  source: ChunkedSource<Dwarf>,
  { key, indices, config, prior }: DwarfPairsOptions,
  from: BatchPosition = { epoch: 0, batch: 0 },
): Source<Pairs<Dwarf, BatchPosition>> {
  const { batch: ordinary } = config.train
  return async function* (signal) {
    for (let epoch = from.epoch; ; epoch++) {
      let batch = 0
      const first = epoch === from.epoch ? from.batch : 0
      const waiting = new Map<number, Drawn<Dwarf>[]>()
      const served = new Set<number>()
      const make = (group: readonly Drawn<Dwarf>[]): Pairs<Dwarf, BatchPosition> | undefined => {
        batch++
        if (batch <= first) return undefined
        const objects = group.map(drawn => augmentDwarf(drawn.item, drawn.key, config.augment))
        return {
          z: normalTargets(objects, prior),
          objects,
          // galaxies of the batch over those of an ordinary one, so that each galaxy counts alike
          weight: objects.length / ordinary,
          key: key.split('noise').split(epoch).split(batch),
          next: { epoch, batch },
        }
      }
      for await (const drawn of shuffled(source, { key, indices }, { epoch, position: 0 }, epoch + 1)(signal)) {
        const stars = paddedTo(starsTaken(drawn.key, drawn.item.stars, config.augment))
        const group = waiting.get(stars) ?? []
        waiting.set(stars, group)
        group.push(drawn)
        if (group.length < galaxiesPerBatch(stars, ordinary)) continue
        waiting.set(stars, [])
        served.add(stars)
        const made = make(group)
        if (made) yield made
      }
      for (const [stars, group] of waiting) {
        if (group.length === 0 || served.has(stars)) continue
        const wanted = galaxiesPerBatch(stars, ordinary)
        const made = make(Array.from({ length: wanted }, (_, i) => group[i % group.length]))
        if (made) yield made
      }
    }
  }
}

/**
 * Galaxies that are held out, as they are, in batches of one size each; the last of a size is filled up and counts for
 * what is new.
 */
export async function heldOutDwarfs({
  data,
  indices,
  config,
  prior,
  key,
  signal,
}: DwarfPairsOptions & {
  readonly data: ChunkedSource<Dwarf>
  readonly signal: AbortSignal
}): Promise<HeldOut<Dwarf>[]> {
  const bySize = new Map<number, Dwarf[]>()
  for await (const { item } of inOrder(data, indices)(signal)) {
    const size = paddedTo(item.stars)
    bySize.set(size, [...(bySize.get(size) ?? []), item])
  }
  return [...bySize].flatMap(([size, dwarfs]) => {
    const rows = galaxiesPerBatch(size, config.train.batch)
    return Array.from({ length: Math.ceil(dwarfs.length / rows) }, (_, i): HeldOut<Dwarf> => {
      const objects = Array.from({ length: rows }, (_, row) => dwarfs[(i * rows + row) % dwarfs.length])
      const own = key.split('held out').split(size).split(i)
      return {
        z: normalTargets(objects, prior),
        objects,
        key: own,
        count: Math.min(rows, dwarfs.length - i * rows),
      }
    })
  })
}
