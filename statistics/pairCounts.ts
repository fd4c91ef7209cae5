import type { Box } from '../core/index.js'
import { squaredBinFinder } from './bins.js'
import { forEachPair } from './pairs.js'

/**
 * Unordered pairs in each bin of separation `[edges[b], edges[b + 1])`, periodic axes by minimum image.
 * Exact: equal to the direct sum over all pairs (halve Corrfunc's `DD`, which counts each pair twice).
 *
 * @param positions `[points, 3]`
 * @returns `[edges.length - 1]` counts
 */
export function pairCounts(positions: Float32Array, box: Box, edges: readonly number[]): Float64Array {
  const binOf = squaredBinFinder(edges)
  const counts = new Float64Array(edges.length - 1)
  forEachPair(positions, box, edges[edges.length - 1], (_i, _j, _dx, _dy, _dz, r2) => {
    const bin = binOf(r2)
    if (bin >= 0) counts[bin]++
  })
  return counts
}
