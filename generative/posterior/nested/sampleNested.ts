import { type Key, UsageError } from '../../../core/index.js'
import type { Density } from '../asTarget.js'
import { type LikelihoodSetting, withLikelihoodInZ } from '../likelihoodRequest.js'
import { type RandomStream, randomStream } from '../randomStream.js'
import type { Target } from '../target.js'
import { type Verdict, verdictOn } from '../verdict.js'
import { evolve, type Progress } from './evolve.js'
import { type CubeLikelihood, type NestedPoint, overCube } from './nestedPoint.js'
import { type NestedRun, nestedRun } from './nestedRun.js'
import { type MakeProposal, uniformPoint } from './proposal.js'
import { slices } from './sliceProposal.js'
import { uniformInEllipsoids } from './uniformProposal.js'
import type { FromCube } from './unitCube.js'

export interface NestedOptions {
  /** points alive; default 500 */
  readonly live?: number
  /** It ends when the living could not add more than this to ln Z. Default 0.01. */
  readonly dlogz?: number
  /** points that die at once, so that the likelihood is asked for many together; default a twentieth of the living */
  readonly batch?: number
  /** the prior; default N(0, I) */
  readonly fromCube?: FromCube
  /**
   * how points are drawn above a constraint; default uniformly in ellipsoids up to 9 dimensions, and by slices beyond
   * or where ellipsoids fail
   */
  readonly proposal?: MakeProposal
  /** called now and then */
  readonly onProgress?: (progress: Progress) => void
}

/** The proposal that suits the dimension. */
export function defaultProposal(dim: number): MakeProposal {
  return dim < 10 ? uniformInEllipsoids({ otherwise: slices() }) : slices()
}

/** A run, and whether to believe it. */
export interface JudgedNestedRun extends NestedRun, Verdict {}

/** Correlation of a new point with the one its walk began at, beyond which it is not new. */
export const mostMemory = 0.3

/**
 * Nested sampling, Skilling 2006 (doi:10.1214/06-BA127), with a constant number of points alive. Draws from the
 * posterior, prior times likelihood, and the evidence, the mean of the likelihood under the prior.
 *
 *     const prior = productPrior({ rate: { uniform: [0, 5] } })
 *     const run = await sampleNested({ point: ([rate]) => -((rate - 2) ** 2) / 0.02 }, { prior, key: makeKey(0) })
 *     run.verdict                                        // nothing speaks against this run: ln Z …
 *     equallyWeighted(run, 1000, makeKey(1))             // draws of theta, `[1000, 1]`
 *
 * With a target over z ~ N(0, I): `sampleNested(likelihood, key, { live: 500 })`, without the verdict.
 *
 * @param likelihood log p(x | theta), nats, with all constants where ln Z is to mean anything
 * @throws UsageError for fewer than 2 dim + 2 points alive
 */
export function sampleNested(likelihood: Density, request: NestedRequest): Promise<JudgedNestedRun>
export function sampleNested(likelihood: Target, key: Key, options?: NestedOptions): Promise<NestedRun>
export function sampleNested(
  likelihood: Density,
  second: Key | NestedRequest,
  options: NestedOptions = {},
): Promise<NestedRun> {
  if (!('key' in second)) return withLikelihoodInZ(likelihood, { key: second }, inZ => evolved(inZ, second, options))
  const { prior } = second
  return withLikelihoodInZ(likelihood, second, async inZ => {
    const run = await evolved(inZ, second.key, second)
    const draws = prior ? prior.toTheta(run.draws) : run.draws
    return { ...run, draws, ...nestedVerdict(run) }
  })
}

export interface NestedRequest extends LikelihoodSetting, NestedOptions {}

/** Whether points were drawn as they should be, and whether there are enough of them. */
function nestedVerdict({ insertion, logZ, logZError, effectiveSampleSize }: NestedRun): Verdict {
  const problems: string[] = []
  if (insertion.p < 0.01 || insertion.memory > mostMemory) {
    problems.push(
      `points above a constraint were not drawn as the prior has them (p ${insertion.p.toFixed(4)}, memory ${insertion.memory.toFixed(2)}): take longer walks or more points alive`,
    )
  }
  if (!(effectiveSampleSize > 400)) {
    problems.push(
      `too few effective draws (${Math.round(effectiveSampleSize)}, expected more than 400): take more points alive`,
    )
  }
  const numbers = `ln Z ${logZ.toFixed(2)} +- ${logZError.toFixed(2)}, ${Math.round(effectiveSampleSize)} effective draws`
  return verdictOn('this run', numbers, problems)
}

async function evolved(likelihood: Target, key: Key, options: NestedOptions): Promise<NestedRun> {
  const { live = 500, dlogz = 0.01, batch = Math.ceil(live / 20), fromCube, onProgress } = options
  requireLive(live, likelihood.dim)
  const cube = overCube(likelihood, fromCube)
  const random = randomStream(key)
  const proposal = (options.proposal ?? defaultProposal(cube.dim))(cube, random)
  const first = await fromPrior(cube, live, random)
  const isFinished = (progress: Progress) => {
    onProgress?.(progress)
    return withinDlogz(progress, dlogz)
  }
  const { points, insertions } = await evolve(first, 0, { batch, proposal, random, isFinished })
  return nestedRun(points, insertions, cube.evaluations)
}

/** Whether the living could add no more than this to ln Z. */
export function withinDlogz({ logDead, logLeft }: Progress, dlogz: number): boolean {
  return Math.log1p(Math.exp(logLeft - logDead)) < dlogz
}

export function fromPrior(cube: CubeLikelihood, count: number, random: RandomStream): Promise<NestedPoint[]> {
  return cube.ask(
    Array.from({ length: count }, () => uniformPoint(cube.dim, random)),
    -Infinity,
  )
}

export function requireLive(live: number, dim: number): void {
  if (Number.isInteger(live) && live >= 2 * dim + 2) return
  throw new UsageError(
    `expected at least ${2 * dim + 2} points alive for ${dim} parameters`,
    `got ${live}`,
    'ask for more: the error of ln Z is about sqrt(information / live)',
  )
}
