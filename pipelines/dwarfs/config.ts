import { z } from 'zod'
import { embeddedMethods } from '../learn/methodNames.js'
import {
  count,
  embeddingSettings,
  ensembleSettings,
  flowSettings,
  optimiserSettings,
  stepSettings,
} from '../learn/settings.js'
import type { Settings } from '../run/config.js'

/**
 * How a posterior of dwarf galaxies is learned. Every number that changes the result is here and is stored with the
 * run.
 */
export const dwarfsConfig = z.object({
  method: z.enum(embeddedMethods).default('npe'),
  data: z
    .object({
      /** share of the galaxies held out for validation and early stopping */
      validation: z.number().min(0).max(0.5).default(0.05),
      /** at most so many of them */
      validationMost: count(1).default(4000),
    })
    .prefault({}),
  /**
   * each time a galaxy is seen, other stars and other errors: valid, for stars are drawn independently of one another
   */
  augment: z
    .object({
      /**
       * probability that a galaxy is thinned, to a number of stars drawn log-uniformly from `starsLeast` to what it has
       */
      thin: z.number().min(0).max(1).default(0.25),
      starsLeast: count(2).default(10),
      /** probability that its velocities get more noise, of a size drawn log-uniformly within .02-2 of their spread */
      noise: z.number().min(0).max(1).default(0.25),
    })
    .prefault({}),
  embedding: embeddingSettings({ width: 128, layers: 3, outputs: 64, neighbours: 10 }).prefault({}),
  flow: flowSettings({ kind: 'nsf-coupling', layers: 6, width: 128, bins: 8 }).prefault({}),
  train: z
    .object({
      ...ensembleSettings({ members: 1, patience: 12 }),
      ...stepSettings({ steps: 18_000, warmup: 500, validateEvery: 500 }),
      /** galaxies a step, fewer where they have more than 160 stars */
      batch: count(2).multipleOf(2).default(128),
      ...optimiserSettings({ learningRate: 1.5e-3, weightDecay: 1e-4, clip: 5, ema: 0.999, checkpointEvery: 500 }),
    })
    .prefault({}),
})

export type DwarfsConfig = z.output<typeof dwarfsConfig>

/** `quick` learns something useful from a few thousand galaxies in a minute; `standard` is what ships. */
export const dwarfsPresets: Readonly<Record<string, Settings>> = {
  quick: {
    embedding: { width: 64, layers: 2, outputs: 32 },
    flow: { layers: 4, width: 64 },
    train: { steps: 1500, warmup: 100, checkpointEvery: 250, validateEvery: 250 },
  },
  standard: {},
  /** the flow and the graph convolutions of Nguyen et al. 2023 */
  reference: {
    embedding: { kind: 'chebyshev', layers: 4 },
    flow: { kind: 'maf', layers: 4 },
  },
}
