import type { Box } from '../../../core/index.js'
import { forEachPair, squaredBinFinder } from '../../../statistics/index.js'
import { flowEdges, scoreEdges } from './marksModel.js'

/**
 * The correlation that the noise of two scores must have, `[bins]`, over its variance, so that with the expected scores
 * pairs have their true product: `(<g g> - <m m>) / variance`. It is not the correlation of what is left, for that is
 * correlated with a neighbour's expectation too.
 */
export function scoreCorrelation(
  positions: Float32Array,
  box: Box,
  scores: Float64Array,
  expected: Float64Array,
): { readonly variance: number; readonly values: Float64Array } {
  const bins = scoreEdges.length - 1
  const binOf = squaredBinFinder(scoreEdges)
  const sums = new Float64Array(bins)
  const counts = new Float64Array(bins)
  forEachPair(positions, box, scoreEdges[bins], (i, j, _dx, _dy, _dz, r2) => {
    const bin = binOf(r2)
    sums[bin] += scores[i] * scores[j] - expected[i] * expected[j]
    counts[bin]++
  })
  const variance = meanSquare(scores.map((score, i) => score - expected[i]))
  return { variance, values: sums.map((sum, bin) => (counts[bin] > 0 ? sum / counts[bin] / variance : 0)) }
}

/**
 * Correlation of what is left of the velocities, along the separation and across it: `[2 * bins]`, over a component's
 * variance.
 */
export function flowCorrelation(
  positions: Float32Array,
  box: Box,
  rest: Float64Array,
): { readonly variance: number; readonly values: Float64Array; readonly counts: Float64Array } {
  const bins = flowEdges.length - 1
  const binOf = squaredBinFinder(flowEdges)
  const along = new Float64Array(bins)
  const all = new Float64Array(bins)
  const counts = new Float64Array(bins)
  const reach = Math.min(flowEdges[bins], ...box.map(length => (length ?? 0) / 2))
  forEachPair(positions, box, reach, (i, j, dx, dy, dz, r2) => {
    const bin = binOf(r2)
    const [a, b] = [3 * i, 3 * j]
    const here = rest[a] * dx + rest[a + 1] * dy + rest[a + 2] * dz
    const there = rest[b] * dx + rest[b + 1] * dy + rest[b + 2] * dz
    along[bin] += r2 > 0 ? (here * there) / r2 : 0
    all[bin] += rest[a] * rest[b] + rest[a + 1] * rest[b + 1] + rest[a + 2] * rest[b + 2]
    counts[bin]++
  })
  const variance = meanSquare(rest)
  const values = new Float64Array(2 * bins)
  for (let bin = 0; bin < bins; bin++) {
    if (counts[bin] === 0) continue
    values[bin] = along[bin] / counts[bin] / variance
    values[bins + bin] = (all[bin] - along[bin]) / (2 * counts[bin]) / variance
  }
  return { variance, counts, values }
}

export function meanSquare(values: Float64Array): number {
  return values.reduce((sum, x) => sum + x * x, 0) / values.length
}
