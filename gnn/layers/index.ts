export {
  type AdaptiveNorm,
  adaptiveNorm,
  type ConditionEmbedding,
  ConditionMissing,
  embedCondition,
  initAdaptiveNorm,
  initCondition,
} from './condition.js'
export { type Dense, dense, full, initDense, initWeight, zeroDense, zeros } from './dense.js'
export { lengths, type RadialBasis, radialChannels, radialFeatures } from './edgeFeatures.js'
export { FeedsTooNarrow, feedsOf, fillFeeds } from './feeds.js'
export { hidePadding, maskedMean, realEdges } from './masked.js'
export { type NoiseEmbedding, noiseEmbedding } from './noiseEmbedding.js'
