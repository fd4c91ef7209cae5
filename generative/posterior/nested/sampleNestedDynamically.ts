import { type Key, UsageError } from '../../../core/index.js'
import { randomStream } from '../randomStream.js'
import type { Target } from '../target.js'
import { normalisedWeights } from '../weights.js'
import { evolve } from './evolve.js'
import { overCube } from './nestedPoint.js'
import { type NestedRun, nestedRun, shellsOf } from './nestedRun.js'
import { defaultProposal, fromPrior, type NestedOptions, requireLive, withinDlogz } from './sampleNested.js'
import { expectedLogVolumes, logParts, type Shells } from './volumes.js'

export interface DynamicOptions extends NestedOptions {
  /** points alive in the first, exploring run; default 200 */
  readonly live?: number
  /** points that each further batch adds; default as many */
  readonly added?: number
  /** what the run is for: 0 the evidence, 1 the posterior, between them a mixture; default 1 */
  readonly goal?: number
  /** It ends when the draws have this effective sample size, … */
  readonly effectiveSampleSize?: number
  /** … or the error of ln Z is this small (with both: when both hold). */
  readonly logZError?: number
  /** batches at most; default 100 */
  readonly batches?: number
}

/**
 * More points are added where one is worth at least this share of what it is worth at best: Higson et al. 2019, section
 * 4.2.
 */
const worthwhileShare = 0.9

/**
 * Dynamic nested sampling, Higson et al. 2019 (arXiv 1704.03459), algorithm 1: after a run with few points alive,
 * batches of further ones between the likelihoods where they are worth most, for the posterior or for the evidence,
 * until the precision asked for is reached.
 *
 *     const run = await sampleNestedDynamically(likelihood, makeKey(0), { effectiveSampleSize: 5000 })
 *     const theta = prior.toTheta(equallyWeighted(run, 5000, makeKey(1)))
 *
 * @throws UsageError for too few points, or without a precision to reach
 */
export async function sampleNestedDynamically(
  likelihood: Target,
  key: Key,
  options: DynamicOptions,
): Promise<NestedRun> {
  const {
    live = 200,
    added = live,
    goal = 1,
    dlogz = 0.01,
    batch = Math.ceil(live / 20),
    fromCube,
    batches = 100,
  } = options
  const { effectiveSampleSize: size = 0, logZError: error = Infinity } = options
  requireLive(Math.min(live, added), likelihood.dim)
  if (!(goal >= 0 && goal <= 1) || (size === 0 && error === Infinity)) {
    throw new UsageError(
      'expected a goal in [0, 1] and an effective sample size or an error of ln Z to reach',
      `got goal ${goal}, size ${size}, error ${error}`,
      'ask for example for { effectiveSampleSize: 5000 }',
    )
  }
  const cube = overCube(likelihood, fromCube)
  const random = randomStream(key)
  const proposal = (options.proposal ?? defaultProposal(cube.dim))(cube, random)
  const first = await evolve(await fromPrior(cube, live, random), 0, {
    batch,
    proposal,
    random,
    isFinished: progress => withinDlogz(progress, dlogz),
  })
  let points = first.points
  const insertions = [...first.insertions]
  for (let round = 0; round < batches; round++) {
    const so = nestedRun(points, insertions, cube.evaluations)
    options.onProgress?.({ worst: so.logLikelihood[0], logDead: so.logZ, logLeft: -Infinity, dead: points.length })
    if (so.effectiveSampleSize >= size && so.logZError <= error) break
    const { sorted, shells } = shellsOf(points)
    const { from, to } = worthwhile(shells, goal)
    // born below the first of them: uniform in the prior above the likelihood before
    const above = from === 0 ? -Infinity : sorted[from - 1].log
    const logVolume = above === -Infinity ? 0 : expectedLogVolumes(shells)[from - 1]
    const known = sorted.slice(from).filter(point => point.birth <= above)
    const fresh =
      above === -Infinity
        ? await fromPrior(cube, added, random)
        : await proposal.draw({ above, known, logVolume }, added)
    const ended = sorted[to].log
    const more = await evolve(fresh, logVolume, { batch, proposal, random, isFinished: ({ worst }) => worst > ended })
    points = [...points, ...more.points]
    insertions.push(...more.insertions)
  }
  return nestedRun(points, insertions, cube.evaluations)
}

/** The first and the last point between which further ones are worth the most. */
export function worthwhile(shells: Shells, goal: number): { readonly from: number; readonly to: number } {
  const worth = importance(shells, goal)
  const most = worth.reduce((a, b) => Math.max(a, b), 0)
  let from = 0
  let to = worth.length - 1
  while (worth[from] < worthwhileShare * most) from++
  while (worth[to] < worthwhileShare * most) to--
  return { from: Math.max(0, from - 1), to: Math.min(worth.length - 1, to + 1) }
}

/**
 * What a point at each likelihood is worth: for the posterior its own weight, for the evidence all that lies above it,
 * over the living. Higson et al., eq. 11 to 13.
 */
export function importance(shells: Shells, goal: number): Float64Array {
  const weights = normalisedWeights(logParts(shells.logLikelihood, expectedLogVolumes(shells)))
  let above = 1
  const evidence = weights.map((weight, i) => {
    const own = above / shells.live[i]
    above = Math.max(0, above - weight)
    return own
  })
  const total = evidence.reduce((a, b) => a + b, 0)
  return weights.map((weight, i) => goal * weight + ((1 - goal) * evidence[i]) / total)
}
