import { z } from 'zod'
import { flowKinds } from '../../generative/flow/index.js'
import { methodNames, trainingDefaults } from '../../generative/sbi/index.js'
import type { Settings } from '../run/config.js'

const count = (least: number) => z.number().int().min(least)

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
  embedding: z
    .object({
      kind: z.enum(['deep-sets', 'chebyshev', 'message-passing', 'transformer']).default('deep-sets'),
      width: count(4).default(64),
      layers: count(1).default(3),
      outputs: count(1).default(32),
      /** of the graph, for chebyshev and message-passing */
      neighbours: count(1).default(8),
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
      /** networks trained one after another from different beginnings */
      members: count(1).default(1),
      batch: count(2).optional(),
      /** passes over the training rows at most */
      epochs: count(1).optional(),
      learningRate: z.number().positive().default(trainingDefaults.peak),
      weightDecay: z.number().min(0).default(trainingDefaults.weightDecay),
      clip: z.number().positive().default(5),
      ema: z.number().min(0).max(1).default(0.995),
      checkpointEvery: count(1).default(1000),
      /** validations without a better one after which training ends */
      patience: count(1).default(trainingDefaults.patience),
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
