import { logSumExp } from '../logSumExp.js'
import type { RandomStream } from '../randomStream.js'
import { makeBoundCache } from './boundCache.js'
import type { Ellipsoid } from './ellipsoid.js'
import { drawInUnion } from './ellipsoids.js'
import type { CubeLikelihood, NestedPoint } from './nestedPoint.js'
import { type ConstrainedProposal, type MakeProposal, uniformPoint } from './proposal.js'

export interface UniformOptions {
  /** points the likelihood is asked for at once, at least; default 32 */
  readonly atLeast?: number
  /**
   * The share of points that must fall above the constraint; where fewer do for a whole bound, `otherwise` takes over.
   * Default 0.01.
   */
  readonly leastShare?: number
  /** what takes over where the ellipsoids are hardly ever hit; default: nothing does */
  readonly otherwise?: MakeProposal
}

/**
 * Uniform in ellipsoids around the points known, or in the whole cube while these would be larger; what falls below the
 * constraint is refused. Points asked for and not used stand in a queue for the next constraint, in their order, so
 * none is lost and none is chosen.
 */
export function uniformInEllipsoids({ atLeast = 32, leastShare = 0.01, otherwise }: UniformOptions = {}): MakeProposal {
  return (likelihood: CubeLikelihood, random: RandomStream): ConstrainedProposal => {
    const { dim } = likelihood
    const bounds = makeBoundCache(dim, random)
    let bound: readonly Ellipsoid[] | undefined
    let queue: NestedPoint[] = []
    let share = 1
    let other: ConstrainedProposal | undefined

    const candidate = (): Float64Array => {
      for (;;) {
        const u = bound ? drawInUnion(bound, random) : uniformPoint(dim, random)
        if (u) return u
      }
    }

    return {
      async draw(constraint, count) {
        const { above } = constraint
        const { bound: around, isLower } = bounds.boundFor(constraint, count)
        // a bound larger than the whole cube is none; points drawn in a bound of a higher constraint are of no use
        // below it
        bound = around && logSumExp(around.map(one => one.logVolume)) < 0 ? around : undefined
        if (isLower) {
          queue = []
          other = undefined
        }
        if (other) return other.draw(constraint, count)
        const found: NestedPoint[] = []
        let asked = 0
        while (found.length < count) {
          if (queue.length === 0) {
            const wanted = Math.max(atLeast, Math.ceil((count - found.length) / share))
            const more = Math.min(wanted, 64 * atLeast)
            queue = await likelihood.ask(Array.from({ length: more }, candidate), above)
            asked += more
            if (otherwise && asked > 64 * atLeast && found.length < leastShare * asked) {
              other = otherwise(likelihood, random)
              found.push(...(await other.draw(constraint, count - found.length)))
              break
            }
          }
          let taken = 0
          for (const one of queue) {
            if (found.length === count) break
            taken++
            if (one.log > above) found.push({ ...one, birth: above })
          }
          if (taken === queue.length && asked > 0) share = Math.max(leastShare, (found.length + 1) / (asked + 1))
          queue = queue.slice(taken)
        }
        return found
      },
    }
  }
}
