import { z } from 'zod'
import { embeddedMethods } from '../../learn/methodNames.js'
import { count, ensembleSettings, flowSettings, optimiserSettings, stepSettings } from '../../learn/settings.js'
import type { Settings } from '../../run/config.js'

/** How p(theta | field) is learned. Every number that changes the result is here and is stored with the run. */
export const posteriorConfig = z.object({
  method: z.enum(embeddedMethods).default('npe'),
  data: z
    .object({
      /** share of the fields held out for validation and early stopping, by simulation */
      validation: z.number().min(0.01).max(0.5).default(0.12),
    })
    .prefault({}),
  /** deep sets of neighbourhoods */
  embedding: z
    .object({
      width: count(4).default(48),
      layers: count(1).default(2),
      /** numbers that a field is summarised in */
      outputs: count(1).default(16),
    })
    .prefault({}),
  flow: flowSettings({ kind: 'maf', layers: 4, width: 48, bins: 6 }).prefault({}),
  train: z
    .object({
      /** each network with validation fields of its own */
      ...ensembleSettings({ members: 5, patience: 12 }),
      ...stepSettings({ steps: 3000, warmup: 100, validateEvery: 50 }),
      batch: count(2).multipleOf(2).default(64),
      /** points of a view that a step sees, chosen anew each time */
      points: count(16).max(1024).default(256),
      ...optimiserSettings({ learningRate: 1e-3, weightDecay: 1e-2, clip: 5, ema: 0.99, checkpointEvery: 500 }),
    })
    .prefault({}),
})

export type PosteriorConfig = z.output<typeof posteriorConfig>

export const posteriorPresets: Readonly<Record<string, Settings>> = {
  quick: {
    embedding: { width: 24, outputs: 8 },
    flow: { layers: 3, width: 24 },
    train: { members: 2, steps: 400, warmup: 20, validateEvery: 25, batch: 32, points: 128 },
  },
  standard: {},
}
