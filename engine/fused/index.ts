export { attention } from './attention.js'
export {
  defaultEdgesPerChunk,
  type EdgeMessageInputs,
  edgeMessages,
  edgeShares,
  gatherMessages,
} from './edgeMessages.js'
export type { EdgeGraph, EdgeWeights } from './edges.js'
export { gatherSenders } from './gatherSenders.js'
export { gelu } from './gelu.js'
export { linear } from './linear.js'
export { microBatches, type ValueAndGradient } from './microBatches.js'
export { type NormLinear, normalise, normLinear } from './normLinear.js'
export { type NormMlp, normMlp } from './normMlp.js'
export { silu } from './silu.js'
