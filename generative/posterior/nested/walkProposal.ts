import { makeBoundCache } from './boundCache.js'
import { type ConstrainedWalk, runWalks, shapedStep, type WalkSetting, walkStarts } from './constrainedWalks.js'
import type { MakeProposal } from './proposal.js'

export interface WalkOptions {
  /** steps of each chain; default 20 + dim */
  readonly steps?: number
}

/**
 * Metropolis walks above the constraint, Skilling 2006, section 6: steps uniform in a small copy of one of the
 * ellipsoids around the points, its size adapted so that half of them are accepted (Feroz and Hobson 2008, arXiv
 * 0704.3704, section 5.1). All chains run side by side.
 */
export function randomWalks({ steps: given }: WalkOptions = {}): MakeProposal {
  return (likelihood, random) => {
    const { dim } = likelihood
    const bounds = makeBoundCache(dim, random)
    const steps = given ?? 20 + dim
    let size = 1 / Math.sqrt(dim)
    return {
      async draw(constraint, wanted) {
        const { above, known } = constraint
        const { bound } = bounds.boundFor(constraint, wanted)
        const tally = { taken: 0 }
        const starts = walkStarts(known, wanted, random)
        const walks = starts.map(start => metropolisWalk({ start, above, bound, random }, { size, steps }, tally))
        const ends = await runWalks(walks, likelihood, above)
        const acceptance = tally.taken / (steps * starts.length)
        size = Math.min(2, size * Math.exp((acceptance - 0.5) / (dim * 0.5)))
        return ends
      },
    }
  }
}

function* metropolisWalk(
  { start, above, bound, random }: WalkSetting,
  { size, steps }: { readonly size: number; readonly steps: number },
  tally: { taken: number },
): ConstrainedWalk {
  const dim = start.u.length
  let now = start
  for (let step = 0; step < steps; step++) {
    const y = new Float64Array(dim).map(() => random.normal())
    const radius = (size * random.uniform() ** (1 / dim)) / Math.hypot(...y)
    const move = shapedStep(
      bound,
      y.map(x => x * radius),
      random,
    )
    const u = now.u.map((x, i) => x + move[i])
    if (!u.every(x => x > 0 && x < 1)) continue
    const answer = yield u
    if (!(answer.log > above)) continue
    now = answer
    tally.taken++
  }
  return { ...now, birth: above, from: start.log }
}
