import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import { makeFlow } from '../../generative/flow/index.js'
import { type PosteriorNetwork, posteriorNetwork } from '../../generative/sbi/index.js'
import { makeEmbedding } from '../../gnn/embeddings/index.js'
import { type DwarfPrior, priorNames } from '../../simulators/index.js'
import type { DwarfsConfig } from './config.js'
import type { Observation } from './examples.js'
import { contextFeatures, starFeatures } from './seenDwarf.js'

/** q(theta | stars), theta in the coordinates of the prior: a density inside its box and nowhere else. */
export interface DwarfsNetwork extends PosteriorNetwork<Observation<Tensor>> {
  /** k of the graph that an observation must bring, 0 for none */
  readonly neighbours: number
  /** length of a summary */
  readonly summaryLength: number
}

/**
 * The scales of the galaxy go past the embedding too: the posterior of a mass hangs on them with no need to learn it.
 */
export function makeDwarfsNetwork({ embedding, flow }: DwarfsConfig, prior: DwarfPrior): DwarfsNetwork {
  const graph = embedding.kind === 'chebyshev' || embedding.kind === 'message-passing'
  const embed = makeEmbedding({ ...embedding, features: starFeatures, conditions: contextFeatures })
  const summaryLength = embedding.outputs + contextFeatures
  const density = makeFlow({
    kind: flow.kind,
    dim: priorNames.length,
    conditions: summaryLength,
    layers: flow.layers,
    hidden: [flow.width, flow.width],
    bins: flow.bins,
    box: { low: priorNames.map(name => prior[name][0]), high: priorNames.map(name => prior[name][1]) },
  })
  const summary = {
    init: embed.init,
    apply: (
      params: Parameters<typeof embed.apply>[0],
      { features, mask, context, senders, displacements }: Observation<Tensor>,
    ) =>
      tf.concat(
        [
          embed.apply(params, { positions: features, features, mask, condition: context, senders, displacements }),
          context,
        ],
        1,
      ),
  }
  return { ...posteriorNetwork(summary, density), neighbours: graph ? embedding.neighbours : 0, summaryLength }
}
