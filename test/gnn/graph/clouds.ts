import fc from 'fast-check'
import { type Box, minimumImage, wrapPositions } from '../../../core/index.js'

export interface Cloud {
  readonly positions: Float32Array
  readonly box: Box
}

/** A fixed seed, printed by fast-check with any counterexample. */
export const runs = { seed: 20261122, numRuns: 400 }

const axis = fc.oneof(fc.constant(null), fc.constantFrom(1, 8, 1000), fc.double({ min: 0.05, max: 50, noNaN: true }))

/**
 * Clouds of 2 and 3 dimensions, boxes of any mix of axes, coordinates smooth, on a lattice (exact ties) or crowded at
 * few places.
 */
export function clouds(least: number, most: number): fc.Arbitrary<Cloud> {
  return fc
    .record({
      box: fc.oneof(fc.tuple(axis, axis), fc.tuple(axis, axis, axis)),
      points: fc.integer({ min: least, max: most }),
      steps: fc.constantFrom(1, 2, 4, 5, 8, 1 << 20),
      stretch: fc.constantFrom(1, 1, 1e-4, 3e3),
    })
    .chain(({ box, points, steps, stretch }) =>
      fc
        .array(fc.integer({ min: 0, max: steps }), { minLength: points * box.length, maxLength: points * box.length })
        .map(places => {
          const positions = Float32Array.from(places, (place, i) => {
            const length = box[i % box.length]
            return length === null ? (place / steps - 0.5) * stretch : (place / steps) * length
          })
          return { positions: wrapPositions(positions, box), box }
        }),
    )
}

/** All pairs by the definition: minimum image in float64 of the float32 positions. */
export function squaredDistance({ positions, box }: Cloud, i: number, j: number): number {
  return displacement({ positions, box }, i, j).reduce((sum, d) => sum + d * d, 0)
}

/** Position of j minus that of i. */
export function displacement({ positions, box }: Cloud, i: number, j: number): number[] {
  const dim = box.length
  return box.map((length, axis) => minimumImage(positions[j * dim + axis] - positions[i * dim + axis], length))
}

/** Senders of each receiver by sorting all others by distance, then by index. */
export function nearestBySorting(cloud: Cloud, k: number): number[] {
  const points = cloud.positions.length / cloud.box.length
  return Array.from({ length: points }, (_, i) =>
    Array.from({ length: points }, (_, j) => ({ j, distance: squaredDistance(cloud, i, j) }))
      .filter(({ j }) => j !== i)
      .sort((a, b) => a.distance - b.distance || a.j - b.j)
      .slice(0, k)
      .map(({ j }) => j),
  ).flat()
}
