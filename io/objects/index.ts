export * from './convertObjects.js'
export * from './kind.js'
export {
  chunksOf,
  type ObjectChunks,
  objectAt,
  openAllObjects,
  openObjects,
  type ReadOptions,
  type RowsOfOne,
  readObjects,
  rowsOfEach,
} from './open.js'
export * from './parts.js'
export * from './simulations.js'
export * from './write.js'
