import type { Box } from '../../../core/index.js'
import { forEachPair, squaredBinFinder } from '../../../report/statistics/index.js'
import { FLOW_EDGES, SCORE_EDGES } from './marksModel.js'
import { regress } from './thetaSpace.js'

/** Correlation of what is left of the scores between pairs: `[bins]`, over its variance, and the pairs of each bin. */
export function scoreCorrelation(
  positions: Float32Array,
  box: Box,
  rest: Float64Array,
): { readonly variance: number; readonly values: Float64Array; readonly counts: Float64Array } {
  const bins = SCORE_EDGES.length - 1
  const binOf = squaredBinFinder(SCORE_EDGES)
  const sums = new Float64Array(bins)
  const counts = new Float64Array(bins)
  forEachPair(positions, box, SCORE_EDGES[bins], (i, j, _dx, _dy, _dz, r2) => {
    const bin = binOf(r2)
    sums[bin] += rest[i] * rest[j]
    counts[bin]++
  })
  const variance = meanSquare(rest)
  return { variance, counts, values: sums.map((sum, bin) => (counts[bin] > 0 ? sum / counts[bin] / variance : 0)) }
}

/** Correlation of what is left of the velocities, along the separation and across it: `[2 * bins]`, over a component's variance. */
export function flowCorrelation(
  positions: Float32Array,
  box: Box,
  rest: Float64Array,
): { readonly variance: number; readonly values: Float64Array; readonly counts: Float64Array } {
  const bins = FLOW_EDGES.length - 1
  const binOf = squaredBinFinder(FLOW_EDGES)
  const along = new Float64Array(bins)
  const all = new Float64Array(bins)
  const counts = new Float64Array(bins)
  const reach = Math.min(FLOW_EDGES[bins], ...box.map(length => (length ?? 0) / 2))
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

/** How the residual's variance changes with what a point is: the slopes of `|rest|^2 / mean - 1` on scores and environments, `[3]`. */
export function amplitudeSlopes(rest: Float64Array, scores: Float64Array, environments: Float64Array): Float64Array {
  const variance = meanSquare(rest)
  const design: Float64Array[] = []
  const values: number[][] = []
  for (let i = 0; i < scores.length; i++) {
    design.push(Float64Array.of(1, scores[i], environments[2 * i], environments[2 * i + 1]))
    const square = (rest[3 * i] ** 2 + rest[3 * i + 1] ** 2 + rest[3 * i + 2] ** 2) / 3
    values.push([square / variance])
  }
  return regress(design, values).slice(1)
}

/** Factors that give a unit residual this variance by point; their mean square is 1. */
export function amplitudes(slopes: ArrayLike<number>, scores: Float64Array, environments: Float64Array): Float64Array {
  const squares = scores.map((score, i) =>
    Math.min(
      2.5,
      Math.max(0.4, 1 + slopes[0] * score + slopes[1] * environments[2 * i] + slopes[2] * environments[2 * i + 1]),
    ),
  )
  const mean = squares.reduce((sum, x) => sum + x, 0) / squares.length
  return squares.map(x => Math.sqrt(x / mean))
}

export function meanSquare(values: Float64Array): number {
  return values.reduce((sum, x) => sum + x * x, 0) / values.length
}
