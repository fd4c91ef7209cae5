import type { RandomStream } from '../randomStream.js'
import type { Ellipsoid } from './ellipsoid.js'
import { boundingEllipsoids } from './ellipsoids.js'
import { cubeRows } from './nestedPoint.js'
import type { Constraint } from './proposal.js'

/**
 * Ellipsoids around the points known, made anew when a quarter of the points has been replaced, or the constraint is
 * lower than before.
 */
export function makeBoundCache(dim: number, random: RandomStream) {
  let bound: readonly Ellipsoid[] | undefined
  let drawn = Infinity
  let last = Infinity
  return {
    /**
     * The bound for `count` more points (undefined where the points span no volume), and whether the constraint is
     * lower than before.
     */
    boundFor(
      { above, known, logVolume }: Constraint,
      count: number,
    ): { readonly bound?: readonly Ellipsoid[]; readonly isLower: boolean } {
      const isLower = above < last
      if (isLower || drawn > known.length / 4) {
        bound = boundingEllipsoids(cubeRows(known, dim), dim, logVolume, random)
        drawn = 0
      }
      last = above
      drawn += count
      return { bound, isLower }
    },
  }
}
