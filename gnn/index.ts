/**
 * Networks over clouds of points that do not depend on the order of the points: vectors for every point, or a few
 * numbers for a whole cloud. Each is a plain object `{ init, apply }`; `apply` is a pure tfjs program, to be compiled
 * by `stippling/engine`.
 *
 *     import type { Tensor } from '@tensorflow/tfjs'
 *     import { makeKey, normal, type Tree } from 'stippling/core'
 *     import { evaluate } from 'stippling/engine'
 *     import { makeEmbedding, transformer } from 'stippling/networks'
 *
 *     const cloud = { shape: [4, 10, 3], values: normal(makeKey(1), 120) }   // four clouds of ten points
 *     const sizes = { dim: 3, features: 0, outputs: 3, width: 16, layers: 2, heads: 2, mlp: 32, conditions: 0 }
 *     const network = transformer(sizes)
 *     const everyPoint = (params: Tree<Tensor>, positions: Tensor) => network.apply(params, { positions })
 *     const velocities = await evaluate(everyPoint, network.init(makeKey(0)), cloud)
 *     console.log(velocities.shape.join())    // 4,10,3
 *
 * @module
 */

// Vectors for every point of a cloud

export { type DeepSetsOptions, deepSets } from './networks/deepSets.js'
export { type EquivariantOptions, equivariant } from './networks/equivariant.js'
export { makeNetwork, type NetworkOptions } from './networks/makeNetwork.js'
export { type MessagePassingOptions, messagePassing } from './networks/messagePassing.js'
export { NeighboursMissing } from './networks/neighbours.js'
export { type NetworkEntry, type NetworkKind, networkKinds, networks } from './networks/networks.js'
export { type TransformerOptions, transformer } from './networks/transformer.js'

// A few numbers for a whole cloud

export { type ChebyshevEmbeddingOptions, chebyshevEmbedding, chebyshevTerms } from './embeddings/chebyshev.js'
export { type DeepSetsEmbeddingOptions, deepSetsEmbedding } from './embeddings/deepSets.js'
export { type Embedding, type EmbeddingSizes, FeaturesMissing, featuresOf } from './embeddings/embedding.js'
export { type EmbeddingEntry, type EmbeddingKind, embeddingKinds, embeddings } from './embeddings/embeddings.js'
export { type EmbeddingOptions, makeEmbedding } from './embeddings/makeEmbedding.js'
export { messagePassingEmbedding, transformerEmbedding } from './embeddings/pooledNetwork.js'

// What networks are built of

export {
  type AdaptiveNorm,
  adaptiveNorm,
  type ConditionEmbedding,
  ConditionMissing,
  embedCondition,
  initAdaptiveNorm,
  initCondition,
} from './layers/condition.js'
export { type Dense, dense, full, initDense, initWeight, zeroDense, zeros } from './layers/dense.js'
export { lengths, type RadialBasis, radialChannels, radialFeatures } from './layers/edgeFeatures.js'
export { FeedsTooNarrow, feedsOf, fillFeeds } from './layers/feeds.js'
export { hidePadding, maskedMean, realEdges } from './layers/masked.js'
export { type NoiseEmbedding, noiseEmbedding } from './layers/noiseEmbedding.js'
