import { z } from 'zod'
import { objectiveNames } from '../../generative/diffusion/objectives.js'
import { networkKinds } from '../../gnn/networks/networks.js'
import { count, optimiserSettings } from '../learn/settings.js'
import type { Settings } from '../run/config.js'

/** How a model of halo fields is made. Every number that changes the result is here and is stored with the run. */
export const galaxiesConfig = z.object({
  data: z
    .object({
      /** share of the simulations held out for validation, at least one field where there are two */
      validation: z.number().min(0).max(0.5).default(0.1),
      /** at most so many training fields; 0 for all */
      fields: count(0).default(0),
      /** the heaviest so many points of a field are modelled */
      points: count(2).default(5000),
    })
    .prefault({}),
  /** the closed-form pair score under the network */
  pairs: z
    .object({
      use: z.boolean().default(true),
      gated: z.boolean().default(true),
      /** three-body terms besides: where a point's surroundings lie, not only how many */
      triples: z.boolean().default(false),
      /** at most so many fields in the fit, spread evenly over the training fields; 0 for all */
      fields: count(0).default(0),
      levels: count(4).max(32).default(14),
    })
    .prefault({}),
  /** masses and velocities given positions, where the data have both */
  marks: z
    .object({
      use: z.boolean().default(true),
      /** at most so many fields in the fit, spread evenly over the training fields; 0 for all */
      fields: count(0).default(0),
    })
    .prefault({}),
  /** a sampler of its own on the features of the pair score, fitted on what it draws; needs pairs.use */
  ladder: z
    .object({
      use: z.boolean().default(false),
      /** evaluations a field */
      rungs: count(3).default(31),
      /** at most so many fields in the fit, all of them in memory; 0 for all */
      fields: count(0).default(0),
    })
    .prefault({}),
  network: z
    .object({
      kind: z.enum([...networkKinds, 'none']).default('egnn'),
      width: count(4).default(32),
      layers: count(1).default(2),
      heads: count(1).default(4),
      neighbours: count(1).default(16),
      /**
       * gives egnn and gnn the mean shift, second moment and count around each point, instead of letting them learn to
       * look
       */
      surroundings: z.boolean().default(false),
    })
    .refine(({ kind, width, heads }) => kind !== 'transformer' || width % heads === 0, {
      path: ['width'],
      message: 'a multiple of network.heads',
    })
    .prefault({}),
  noise: z
    .object({
      /** Mpc/h, the smallest noise level */
      sigmaMin: z.number().positive().default(1),
      /**
       * share of the box at the largest level; .15 leaves a fundamental mode of exp(-(2 pi .15)^2 / 2) = .64, .5 of
       * .007
       */
      sigmaMaxOverBox: z.number().positive().max(1).default(0.15),
    })
    .prefault({}),
  objective: z.enum(objectiveNames).default('eps'),
  /** of the objective flow-matching alone */
  flow: z
    .object({
      /** which uniform point each halo comes from: the optimal matching of a field, or any */
      matching: z.enum(['matched', 'random']).default('matched'),
    })
    .prefault({}),
  train: z
    .object({
      steps: count(0).default(2000),
      batch: count(1).default(1),
      /** points of each cloud that a step of egnn or gnn counts, in a cube with what they look at; 0 for whole boxes */
      crop: count(0).default(0),
      warmup: count(0).default(50),
      ...optimiserSettings({ learningRate: 1e-3, weightDecay: 1e-4, clip: 1, ema: 0.99, checkpointEvery: 50 }),
    })
    .prefault({}),
})

export type GalaxiesConfig = z.output<typeof galaxiesConfig>

/**
 * `quick` is what `npm start` uses: closed form first, then a small network for its residual, in minutes on a laptop.
 */
export const galaxiesPresets: Readonly<Record<string, Settings>> = {
  quick: {
    pairs: { fields: 36 },
    network: { kind: 'egnn', width: 16, layers: 2, neighbours: 12 },
    train: { steps: 150, warmup: 20, checkpointEvery: 25 },
  },
  standard: {},
  pairs: { network: { kind: 'none' }, train: { steps: 0 } },
  /** what ships: everything in closed form, on all fields */
  ladder: { ladder: { use: true }, network: { kind: 'none' }, train: { steps: 0 } },
  network: {
    pairs: { use: false },
    network: { kind: 'gnn', width: 64, layers: 3, neighbours: 20 },
    train: { steps: 20000 },
  },
}
