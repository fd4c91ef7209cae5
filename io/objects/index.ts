export { convertObjects } from './convertObjects.js'
export type {
  FileAttribute,
  ForeignLayout,
  ObjectColumn,
  ObjectKind,
  ObjectSource,
  OpenedObjects,
  OpenObjectsOptions,
  Shapes,
  SharedValue,
  TableView,
  WriteForeignOptions,
} from './kind.js'
export { openAllObjects, openObjects } from './open.js'
export { type JoinPartsOptions, type ObjectParts, openParts, type PartFacts } from './parts.js'
export {
  chunksOf,
  type ObjectChunks,
  objectAt,
  type ReadObjectsOptions,
  type RowsOfOne,
  readObjects,
  rowsOfEach,
} from './read.js'
export { type Simulation, simulations } from './simulations.js'
export { createObjects, type ObjectWriter, type WriteObjectsOptions, writeObjects } from './write.js'
