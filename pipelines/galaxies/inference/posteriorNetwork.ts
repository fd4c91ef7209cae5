import type { Tensor } from '@tensorflow/tfjs'
import type { Key } from '../../../core/index.js'
import { makeFlow } from '../../../generative/flow/index.js'
import { type PosteriorNetwork, posteriorNetwork } from '../../../generative/sbi/index.js'
import { makeEmbedding } from '../../../gnn/embeddings/index.js'
import { contextFeatures, pointFeatures } from './fieldView.js'
import type { PosteriorConfig } from './posteriorConfig.js'

/** A field as the network takes it: standardised. */
export type ViewTensors<T> = {
  /** `[batch, points, pointFeatures]` */
  readonly points: T
  /** `[batch, contextFeatures]` */
  readonly context: T
}

/** Where theta can lie: a uniform box, parameter by parameter. */
export type ThetaBox = Readonly<Record<string, readonly [low: number, high: number]>>

export type FieldPosteriorNetwork = PosteriorNetwork<ViewTensors<Tensor>>

/**
 * q(theta | field), theta in the order of the box's names: neighbourhoods pooled into a summary, the summary the
 * condition of a flow onto the box.
 */
export function makePosteriorNetwork({ embedding, flow }: PosteriorConfig, box: ThetaBox): FieldPosteriorNetwork {
  const embed = makeEmbedding({ kind: 'deep-sets', ...embedding, features: pointFeatures, conditions: contextFeatures })
  const limits = Object.values(box)
  const density = makeFlow({
    kind: flow.kind,
    dim: limits.length,
    conditions: embedding.outputs,
    layers: flow.layers,
    hidden: [flow.width, flow.width],
    bins: flow.bins,
    box: { low: limits.map(([low]) => low), high: limits.map(([, high]) => high) },
  })
  return posteriorNetwork(
    {
      init: (key: Key) => embed.init(key),
      apply: (params, { points, context }: ViewTensors<Tensor>) =>
        embed.apply(params, { positions: points, features: points, condition: context }),
    },
    density,
  )
}
