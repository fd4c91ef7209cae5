import { type Box, DataError } from '../core/index.js'
import { correlationEdges, shellVolumes } from './bins.js'
import { boxVolume } from './boxLengths.js'
import { pairCounts } from './pairCounts.js'

/**
 * Two-point correlation function by the natural estimator, xi = DD / RR - 1 (Peebles and Hauser 1974). In a periodic
 * box RR is known without random points: N (N - 1) / 2 pairs, each in a shell with probability of its volume over the
 * box's.
 *
 * @param positions `[points, 3]` Mpc/h
 * @param box       periodic along every axis
 * @param edges     Mpc/h, at most half the box
 * @returns `[edges.length - 1]`, dimensionless
 */
export function correlationFunction(
  positions: Float32Array,
  box: Box,
  edges: readonly number[] = correlationEdges,
): Float64Array {
  const expected = uniformPairs(positions.length / 3, box, edges)
  return pairCounts(positions, box, edges).map((count, bin) => count / expected[bin] - 1)
}

/** RR: unordered pairs expected in each shell of `points` uniform, independent points in a periodic box. */
export function uniformPairs(points: number, box: Box, edges: readonly number[]): Float64Array {
  if (points < 2) throw new DataError('expected at least 2 points to count pairs', `got ${points}`, 'omit this field')
  const perVolume = (points * (points - 1)) / 2 / boxVolume(box)
  return shellVolumes(edges).map(volume => perVolume * volume)
}
