import { z } from 'zod'
import type { Settings } from '../../run/config.js'

/** How p(theta | field) is learned. Every number that changes the result is here and is stored with the run. */
export const posteriorConfig = z.object({
  data: z
    .object({
      /** share of the fields held out for validation and early stopping, by simulation */
      validation: z.number().min(0.01).max(0.5).default(0.12),
    })
    .prefault({}),
  embedding: z
    .object({
      width: z.number().int().min(4).default(48),
      layers: z.number().int().min(1).default(2),
      /** numbers that a field is summarised in */
      outputs: z.number().int().min(1).default(16),
    })
    .prefault({}),
  flow: z
    .object({
      kind: z.enum(['maf', 'realnvp', 'iaf', 'nsf-coupling', 'nsf-autoregressive']).default('maf'),
      layers: z.number().int().min(1).default(4),
      width: z.number().int().min(4).default(48),
      bins: z.number().int().min(2).default(6),
    })
    .prefault({}),
  train: z
    .object({
      /**
       * networks trained one after another from different beginnings, each with validation fields of its own; the
       * posterior is their mixture
       */
      members: z.number().int().min(1).default(5),
      steps: z.number().int().min(1).default(3000),
      batch: z.number().int().min(2).multipleOf(2).default(64),
      /** points of a view that a step sees, chosen anew each time */
      points: z.number().int().min(16).max(1024).default(256),
      learningRate: z.number().positive().default(1e-3),
      warmup: z.number().int().min(0).default(100),
      weightDecay: z.number().min(0).default(1e-2),
      clip: z.number().positive().default(5),
      ema: z.number().min(0).max(1).default(0.99),
      checkpointEvery: z.number().int().min(1).default(500),
      validateEvery: z.number().int().min(1).default(50),
      patience: z.number().int().min(1).default(12),
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
