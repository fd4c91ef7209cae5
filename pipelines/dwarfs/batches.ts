import type { Key } from '../../core/index.js'
import type { Dwarf } from '../../io/dwarfs/index.js'
import type { DwarfPrior } from '../../simulators/index.js'
import type { ObjectPairsOptions } from '../learn/objectPairs.js'
import { augmentDwarf, starsTaken } from './augmentDwarf.js'
import type { DwarfsConfig } from './config.js'
import { paddedTo } from './examples.js'
import { normalTargets } from './parameters.js'

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

/** Galaxies as `objectPairs` takes them: augmented in training, gathered by their padded number of stars. */
export function dwarfPairs({ key, indices, config, prior }: DwarfPairsOptions): ObjectPairsOptions<Dwarf> {
  const { batch } = config.train
  return {
    key,
    indices,
    batch,
    targets: dwarfs => normalTargets(dwarfs, prior),
    sizeOf: ({ stars }, drawn) => paddedTo(drawn ? starsTaken(drawn, stars, config.augment) : stars),
    batchOf: stars => galaxiesPerBatch(stars, batch),
    augment: (dwarf, drawn) => augmentDwarf(dwarf, drawn, config.augment),
  }
}
