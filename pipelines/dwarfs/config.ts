import { z } from 'zod'
import type { Settings } from '../run/config.js'

/**
 * How a posterior of dwarf galaxies is learned. Every number that changes the result is here and is stored with the
 * run.
 */
export const dwarfsConfig = z.object({
  data: z
    .object({
      /** share of the galaxies held out for validation and early stopping */
      validation: z.number().min(0).max(0.5).default(0.05),
      /** at most so many of them */
      validationMost: z.number().int().min(1).default(4000),
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
      starsLeast: z.number().int().min(2).default(10),
      /** probability that its velocities get more noise, of a size drawn log-uniformly within .02-2 of their spread */
      noise: z.number().min(0).max(1).default(0.25),
    })
    .prefault({}),
  embedding: z
    .object({
      kind: z.enum(['deep-sets', 'chebyshev', 'message-passing', 'transformer']).default('deep-sets'),
      width: z.number().int().min(4).default(128),
      layers: z.number().int().min(1).default(3),
      /** numbers that a galaxy is summarised in */
      outputs: z.number().int().min(1).default(64),
      /** of the graph on the sky, for chebyshev and message-passing */
      neighbours: z.number().int().min(1).default(10),
    })
    .prefault({}),
  flow: z
    .object({
      kind: z.enum(['maf', 'realnvp', 'iaf', 'nsf-coupling', 'nsf-autoregressive']).default('nsf-coupling'),
      layers: z.number().int().min(1).default(6),
      width: z.number().int().min(4).default(128),
      bins: z.number().int().min(2).default(8),
    })
    .prefault({}),
  train: z
    .object({
      /** networks trained one after another from different beginnings; the posterior is their mixture */
      members: z.number().int().min(1).default(1),
      steps: z.number().int().min(1).default(18_000),
      /** galaxies a step, fewer where they have more than 160 stars */
      batch: z.number().int().min(2).multipleOf(2).default(128),
      learningRate: z.number().positive().default(1.5e-3),
      warmup: z.number().int().min(0).default(500),
      weightDecay: z.number().min(0).default(1e-4),
      clip: z.number().positive().default(5),
      ema: z.number().min(0).max(1).default(0.999),
      checkpointEvery: z.number().int().min(1).default(500),
      validateEvery: z.number().int().min(1).default(500),
      /** validations without a better one after which training ends */
      patience: z.number().int().min(1).default(12),
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
