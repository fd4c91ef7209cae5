/**
 * Neighbours of points, in a periodic box or none: the k nearest, or all within a radius. Receiver-major flat arrays; a
 * point is never its own neighbour.
 *
 *     import { periodicBox } from 'stippling/core'
 *     import { knn, radiusGraph } from 'stippling/graph'
 *
 *     const positions = Float32Array.of(1, 1, 3, 1, 99, 1)   // three points in a square of side 100
 *     const box = periodicBox(100, 2)
 *     console.log(knn(positions, box, 1).senders.join())             // 1,0,0
 *     console.log(radiusGraph(positions, box, 3).offsets.join())     // 0,2,3,4
 *
 * @module
 */

export { type CellList, type CellListOptions, cellList, forEachCellPair } from './cellList.js'
export { knn } from './knn.js'
export { type GraphPool, type GraphPoolOptions, graphPool } from './pool.js'
export { forEachPair, radiusGraph } from './radius.js'
