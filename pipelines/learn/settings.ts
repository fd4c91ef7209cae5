import { z } from 'zod'
import { flowKinds } from '../../generative/flow/flows.js'
import { embeddingKinds } from '../../gnn/embeddings/embeddings.js'

/** A whole number of at least so many. */
export const count = (least: number) => z.number().int().min(least)
const share = z.number().min(0).max(1)

/** Settings of the embedding that reads objects: `count(…)` defaults of a case over these. */
export function embeddingSettings<K extends (typeof embeddingKinds)[number]>(defaults: {
  readonly kind?: K
  readonly width: number
  readonly layers: number
  readonly outputs: number
  readonly neighbours: number
}) {
  return z.object({
    kind: z.enum(embeddingKinds).default(defaults.kind ?? 'deep-sets'),
    width: count(4).default(defaults.width),
    layers: count(1).default(defaults.layers),
    /** numbers that an object is summarised in */
    outputs: count(1).default(defaults.outputs),
    /** of the graph, for kinds that need one */
    neighbours: count(1).default(defaults.neighbours),
  })
}

/** Settings of the flow that holds a posterior. */
export function flowSettings(defaults: {
  readonly kind: (typeof flowKinds)[number]
  readonly layers: number
  readonly width: number
  readonly bins: number
}) {
  return z.object({
    kind: z.enum(flowKinds).default(defaults.kind),
    layers: count(1).default(defaults.layers),
    width: count(4).default(defaults.width),
    bins: count(2).default(defaults.bins),
  })
}

/** Settings of the optimiser, the same for every case. */
export function optimiserSettings(defaults: {
  readonly learningRate: number
  readonly weightDecay: number
  readonly clip: number
  readonly ema: number
  readonly checkpointEvery: number
}) {
  return {
    learningRate: z.number().positive().default(defaults.learningRate),
    weightDecay: z.number().min(0).default(defaults.weightDecay),
    clip: z.number().positive().default(defaults.clip),
    ema: share.default(defaults.ema),
    checkpointEvery: count(1).default(defaults.checkpointEvery),
  }
}

/**
 * Settings of an ensemble: networks trained one after another from different beginnings; the posterior is their
 * mixture.
 */
export function ensembleSettings(defaults: { readonly members: number; readonly patience: number }) {
  return {
    members: count(1).default(defaults.members),
    /** validations without a better one after which training ends */
    patience: count(1).default(defaults.patience),
  }
}

/** How many steps, and how often they are judged. */
export function stepSettings(defaults: {
  readonly steps: number
  readonly warmup: number
  readonly validateEvery: number
}) {
  return {
    steps: count(1).default(defaults.steps),
    warmup: count(0).default(defaults.warmup),
    validateEvery: count(1).default(defaults.validateEvery),
  }
}
