export { MARK_BASIS, type MarkBasis, pairBasisFor } from './markBasis.js'
export { assign, interpolate, type Mesh, makeMesh, type Placement, place } from './mesh.js'
export {
  type MarkGate,
  type PairMarkOptions,
  type PairSums,
  pairMarkCount,
  pairScalars,
  pairVectors,
} from './pairMarks.js'
export { pairTensorCount, pairTensors } from './pairTensors.js'
export { potentialFlow } from './potentialFlow.js'
export {
  addShellSum,
  longitudinalModes,
  type Modes,
  makeShells,
  type ShellKind,
  type Shells,
  scalarModes,
  shellFeatures,
  shellsEnd,
  shellWeight,
} from './shells.js'
export { type MeshSize, makeTransform, type Transform } from './transform.js'
