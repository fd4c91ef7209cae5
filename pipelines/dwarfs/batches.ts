import type { ArrayValue, Key } from '../../core/index.js'
import type { Dwarf } from '../../io/dwarfs/dwarf.js'
import { priorNames, toCoordinates } from '../../simulators/index.js'
import { type ChunkedSource, type Drawn, type Source, shuffled } from '../stream/index.js'
import { augmentDwarf, starsTaken } from './augmentDwarf.js'
import type { DwarfsConfig } from './config.js'
import { type Observation, observationOf, paddedTo } from './examples.js'
import { thetaOf } from './trainingData.js'

/** Where the stream of batches stands: `batch` batches of epoch `epoch` have been taken. */
export type BatchPosition = { readonly epoch: number; readonly batch: number }

export type DwarfExample<T> = Observation<T> & {
  /** `[batch, 6]` theta in the coordinates of the prior */
  readonly target: T
  /** scalar: galaxies of the batch over those of an ordinary one, so that each galaxy counts alike */
  readonly weight: T
}

export interface DwarfBatch {
  readonly tensors: DwarfExample<ArrayValue>
  readonly galaxies: number
  /** the position after this batch */
  readonly next: BatchPosition
}

export interface DwarfBatchOptions {
  readonly key: Key
  /** the galaxies that take part */
  readonly indices: Int32Array
  readonly config: DwarfsConfig
  readonly neighbours: number
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
export function dwarfBatches(
  source: ChunkedSource<Dwarf>,
  { key, indices, config, neighbours }: DwarfBatchOptions,
  from: BatchPosition = { epoch: 0, batch: 0 },
): Source<DwarfBatch> {
  const { batch: ordinary } = config.train
  return async function* (signal) {
    for (let epoch = from.epoch; ; epoch++) {
      let batch = 0
      const first = epoch === from.epoch ? from.batch : 0
      const waiting = new Map<number, Drawn<Dwarf>[]>()
      const served = new Set<number>()
      const make = (group: readonly Drawn<Dwarf>[]): DwarfBatch | undefined => {
        batch++
        if (batch <= first) return undefined
        const dwarfs = group.map(drawn => augmentDwarf(drawn.item, drawn.key, config.augment))
        return {
          tensors: exampleOf(dwarfs, neighbours, ordinary),
          galaxies: group.length,
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

/** Galaxies with their theta as one batch. */
export function exampleOf(dwarfs: readonly Dwarf[], neighbours: number, ordinary: number): DwarfExample<ArrayValue> {
  const target = Float32Array.from(dwarfs.flatMap(dwarf => toCoordinates(thetaOf(dwarf))))
  return {
    ...observationOf(dwarfs, neighbours),
    target: { shape: [dwarfs.length, priorNames.length], values: target },
    weight: { shape: [], values: Float32Array.of(dwarfs.length / ordinary) },
  }
}
