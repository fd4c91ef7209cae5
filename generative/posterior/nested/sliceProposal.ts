import { timesLower } from '../cholesky.js'
import type { RandomStream } from '../randomStream.js'
import type { Ellipsoid } from './ellipsoid.js'
import { keptBound } from './keptBound.js'
import type { NestedPoint } from './points.js'
import type { MakeProposal } from './proposal.js'
import { type Walk, walkTogether } from './together.js'

export interface SliceOptions {
  /** slices of each chain; default 2 dim, at least 6 */
  readonly slices?: number
}

/**
 * Slice sampling along random directions, Neal 2003 (doi:10.1214/aos/1056562461), figures 3 and 5, whitened by the
 * ellipsoids around the points, as PolyChord does (Handley, Hobson and Lasenby 2015, arXiv 1506.00171). Chains begin at
 * points known, and all go side by side. Between modes that nothing connects the number of chains in each does a random
 * walk of its own: their shares are as good as many points alive make them, and no error of a run knows of it.
 * Ellipsoids weigh modes by volume and do not have this.
 */
export function slices({ slices: given }: SliceOptions = {}): MakeProposal {
  return (likelihood, random) => {
    const { dim } = likelihood
    const kept = keptBound(dim, random)
    const count = given ?? Math.max(6, 2 * dim)
    // the width of the first step, in radii of the ellipsoid: as wide as slices turn out to be
    let width = 1
    return {
      async draw(constraint, wanted) {
        const { above, known } = constraint
        const { bound } = kept.for(constraint, wanted)
        const effort = { expansions: 0, contractions: 0 }
        const starts = differentOnes(known, wanted, random)
        const walks = starts.map(start => sliceWalk(start, above, bound, width, count, effort, random))
        const ends = await walkTogether(walks, likelihood, above)
        const balance = (2 * effort.expansions + 1) / (effort.expansions + effort.contractions + 1)
        width *= Math.min(2, Math.max(0.5, balance))
        return ends
      },
    }
  }
}

/** Points to begin at, no one twice before all have been taken. */
export function differentOnes(known: readonly NestedPoint[], count: number, random: RandomStream): NestedPoint[] {
  const out: NestedPoint[] = []
  while (out.length < count) {
    const order = Array.from(known)
    for (let i = 0; i < order.length && out.length < count; i++) {
      const j = i + random.integer(order.length - i)
      const held = order[i]
      order[i] = order[j]
      order[j] = held
      out.push(order[i])
    }
  }
  return out
}

/**
 * A step in the shape of one of the ellipsoids, which does not depend on where the chain is: with the one that the
 * point lies in the walk would not leave the prior as it is (a banana's evidence came out a standard error too large).
 * As it is without one.
 */
export function whitened(bound: readonly Ellipsoid[] | undefined, y: Float64Array, random: RandomStream): Float64Array {
  return bound ? timesLower(bound[random.integer(bound.length)].axes, y, new Float64Array(y.length)) : y
}

function* sliceWalk(
  start: NestedPoint,
  above: number,
  bound: readonly Ellipsoid[] | undefined,
  width: number,
  count: number,
  effort: { expansions: number; contractions: number },
  random: RandomStream,
): Walk {
  const dim = start.u.length
  let now = start
  for (let slice = 0; slice < count; slice++) {
    const y = new Float64Array(dim).map(() => random.normal())
    const norm = width / Math.hypot(...y)
    const direction = whitened(
      bound,
      y.map(x => x * norm),
      random,
    )
    const from = now.u
    const at = (t: number) => from.map((x, i) => x + t * direction[i])
    const inCube = (u: Float64Array) => u.every(x => x > 0 && x < 1)
    let low = -random.uniform()
    let high = low + 1
    for (;;) {
      const u = at(low)
      if (!inCube(u) || !((yield u).log > above)) break
      low--
      effort.expansions++
    }
    for (;;) {
      const u = at(high)
      if (!inCube(u) || !((yield u).log > above)) break
      high++
      effort.expansions++
    }
    for (let shrink = 0; shrink < 200; shrink++) {
      const t = low + random.uniform() * (high - low)
      const u = at(t)
      if (inCube(u)) {
        const answer = yield u
        if (answer.log > above) {
          now = answer
          break
        }
      }
      effort.contractions++
      if (t < 0) low = t
      else high = t
    }
  }
  return { ...now, birth: above, from: start.log }
}
