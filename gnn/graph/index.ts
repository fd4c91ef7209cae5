export { type CellList, type CellListOptions, cellList, forEachCellPair } from './cellList.js'
export { knn } from './knn.js'
export { type GraphPool, type GraphPoolOptions, graphPool } from './pool.js'
export { forEachPair, radiusGraph } from './radius.js'
