import { makeBoundCache } from './boundCache.js'
import { type ConstrainedWalk, runWalks, shapedStep, type WalkSetting, walkStarts } from './constrainedWalks.js'
import type { MakeProposal } from './proposal.js'

export interface SliceOptions {
  /** slices of each chain; default 2 dim, at least 6 */
  readonly slices?: number
}

/**
 * Slice sampling along random directions, Neal 2003 (doi:10.1214/aos/1056562461), figures 3 and 5, whitened by the
 * ellipsoids around the points, as PolyChord does (Handley, Hobson and Lasenby 2015, arXiv 1506.00171). Chains begin at
 * points known, and all run side by side. Between modes that nothing connects, the number of chains in each does a
 * random walk of its own: the shares of the modes are the better the more points are alive, and the error of a run does
 * not include this. Ellipsoids weigh modes by volume and are free of it.
 */
export function slices({ slices: given }: SliceOptions = {}): MakeProposal {
  return (likelihood, random) => {
    const { dim } = likelihood
    const bounds = makeBoundCache(dim, random)
    const count = given ?? Math.max(6, 2 * dim)
    // the width of the first step, in radii of the ellipsoid: as wide as slices turn out to be
    let width = 1
    return {
      async draw(constraint, wanted) {
        const { above, known } = constraint
        const { bound } = bounds.boundFor(constraint, wanted)
        const effort = { expansions: 0, contractions: 0 }
        const starts = walkStarts(known, wanted, random)
        const walks = starts.map(start => sliceWalk({ start, above, bound, random }, { count, width }, effort))
        const ends = await runWalks(walks, likelihood, above)
        const balance = (2 * effort.expansions + 1) / (effort.expansions + effort.contractions + 1)
        width *= Math.min(2, Math.max(0.5, balance))
        return ends
      },
    }
  }
}

function* sliceWalk(
  { start, above, bound, random }: WalkSetting,
  { count, width }: { readonly count: number; readonly width: number },
  effort: { expansions: number; contractions: number },
): ConstrainedWalk {
  const dim = start.u.length
  let now = start
  for (let slice = 0; slice < count; slice++) {
    const y = new Float64Array(dim).map(() => random.normal())
    const norm = width / Math.hypot(...y)
    const direction = shapedStep(
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
