export { around, drawInside, type Ellipsoid, farthest, logBallVolume, radiusIn, scaled } from './ellipsoid.js'
export { boundingEllipsoids, drawInUnion } from './ellipsoids.js'
export type { Progress } from './evolve.js'
export { nestedExpectation } from './expectation.js'
export { type Insertion, type InsertionTest, testInsertion } from './insertionRanks.js'
export { type CubeLikelihood, type NestedPoint, overCube } from './nestedPoint.js'
export { type NestedRun, nestedRun, shellsOf } from './nestedRun.js'
export { type ConstrainedProposal, type Constraint, type MakeProposal, uniformPoint } from './proposal.js'
export {
  defaultProposal,
  type JudgedNestedRun,
  type NestedOptions,
  type NestedRequest,
  sampleNested,
} from './sampleNested.js'
export { type DynamicOptions, importance, sampleNestedDynamically, worthwhile } from './sampleNestedDynamically.js'
export { type SliceOptions, slices } from './sliceProposal.js'
export { type UniformOptions, uniformInEllipsoids } from './uniformProposal.js'
export { cubeOf, type FromCube, normalPrior, standardNormalPrior, uniformPrior } from './unitCube.js'
export { drawnLogVolumes, type Evidence, evidenceOf, expectedLogVolumes, logParts, type Shells } from './volumes.js'
export { randomWalks, type WalkOptions } from './walkProposal.js'
