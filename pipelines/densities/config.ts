import { z } from 'zod'
import { flowKinds } from '../../generative/flow/index.js'
import { methodNames, trainingDefaults } from '../../generative/sbi/index.js'
import { count, embeddingSettings, ensembleSettings, optimiserSettings } from '../learn/settings.js'
import type { Settings } from '../run/config.js'

/**
 * How a density is learned from a table. Every number that changes the result is here and is stored with the run; what
 * is absent the method or the number of rows decides.
 */
export const densitiesConfig = z.object({
  method: z.enum(methodNames).default('npe'),
  data: z
    .object({
      /** share of the rows held out to choose the best parameters and to end the training */
      validation: z.number().gt(0).max(0.5).default(0.1),
      /** at most so many of them */
      validationMost: count(1).default(5000),
      /**
       * MiB of simulations held in memory; more go through a scratch file in the run folder and are shuffled in windows
       * of this size
       */
      memory: z.number().positive().default(512),
      /** x is so many independent draws of one law, one after the other */
      elements: count(1).default(1),
      /** points of a set; of larger ones so many are taken at random */
      pointsMost: count(1).default(512),
    })
    .prefault({}),
  /** of sets of points; vectors are read as they are */
  embedding: embeddingSettings({ width: 64, layers: 3, outputs: 32, neighbours: 8 })
    .extend({
      /** the first so many features of a point are its place, for the graph */
      places: count(1).default(2),
    })
    .prefault({}),
  network: z
    .object({
      flow: z.enum(flowKinds).optional(),
      layers: count(1).optional(),
      hidden: z.array(count(1)).optional(),
      bins: count(2).optional(),
      width: count(1).optional(),
      blocks: count(0).optional(),
    })
    .prefault({}),
  train: z
    .object({
      ...ensembleSettings({ members: 1, patience: trainingDefaults.patience }),
      batch: count(2).optional(),
      /** passes over the training rows at most */
      epochs: count(1).optional(),
      ...optimiserSettings({
        learningRate: trainingDefaults.peak,
        weightDecay: trainingDefaults.weightDecay,
        clip: 5,
        ema: 0.995,
        checkpointEvery: 1000,
      }),
    })
    .prefault({}),
  simulator: z
    .object({
      /** seconds a simulation may take */
      timeout: z.number().positive().default(60),
      /** failures in a row, without one good answer, after which the work is given up */
      giveUp: count(1).default(100),
    })
    .prefault({}),
})

export type DensitiesConfig = z.output<typeof densitiesConfig>

/** `quick` for a first look; `ensemble` is slower and the best calibrated. */
export const densitiesPresets: Readonly<Record<string, Settings>> = {
  quick: { train: { epochs: 40, patience: 8 } },
  standard: {},
  ensemble: { train: { members: 5 } },
}
