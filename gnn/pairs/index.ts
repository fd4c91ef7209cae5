export {
  basisIn,
  featureCount,
  type PairBasis,
  type PairBasisOptions,
  pairBasis,
  pairCount,
  softening,
  splineSpacing,
  splinesAt,
  taper,
} from './basis.js'
export { type CloseBins, type CloseCounter, type CloseFlow, makeCloseCounter, makeCloseFlow } from './closePairs.js'
export type { PairFeatures, PairForce } from './contracts.js'
export { environmentOf } from './environment.js'
export { makePairFeatures } from './features.js'
export { makePairForce } from './force.js'
export {
  type Matched,
  type MatchedCounts,
  type MatchedLevel,
  type MatchedMoments,
  makeMatchedMoments,
} from './matchedMoments.js'
export { type Moments, type MomentsOf, makeMoments, type NoiseOf } from './moments.js'
export { makePairFinder, type PairFinder } from './pairList.js'
export type { PairList } from './pairs.js'
export {
  type ForcePool,
  type MatchedPool,
  type MomentsPool,
  makeForcePool,
  makeMatchedPool,
  makeMomentsPool,
  type PoolOptions,
} from './pool.js'
export { makeSurroundings, surroundingsChannels } from './surroundings.js'
export { edgeVectorCount, ownVectorCount, type TripleBasis, tripleBasis, tripleCount } from './tripleBasis.js'
