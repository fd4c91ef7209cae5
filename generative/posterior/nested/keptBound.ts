import type { RandomStream } from '../randomStream.js'
import type { Ellipsoid } from './ellipsoid.js'
import { boundingEllipsoids } from './ellipsoids.js'
import { cubeRows } from './points.js'
import type { Constraint } from './proposal.js'

/**
 * Ellipsoids around the points known, made anew when a quarter of the points has been replaced, or the constraint has
 * gone back.
 */
export function keptBound(dim: number, random: RandomStream) {
  let bound: readonly Ellipsoid[] | undefined
  let drawn = Infinity
  let last = Infinity
  return {
    /** What bounds now (nothing where the points span no volume), and whether it is another than before. */
    for(
      { above, known, logVolume }: Constraint,
      count: number,
    ): { readonly bound?: readonly Ellipsoid[]; readonly back: boolean } {
      const back = above < last
      if (back || drawn > known.length / 4) {
        bound = boundingEllipsoids(cubeRows(known, dim), dim, logVolume, random)
        drawn = 0
      }
      last = above
      drawn += count
      return { bound, back }
    },
  }
}
