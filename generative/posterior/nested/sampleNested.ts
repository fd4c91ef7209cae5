import { type Key, UsageError } from '../../../core/index.js'
import { type RandomStream, randomStream } from '../randomStream.js'
import type { Target } from '../target.js'
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

/**
 * Nested sampling, Skilling 2006 (doi:10.1214/06-BA127), with a constant number of points alive. Draws from the
 * posterior, prior times likelihood, and the evidence, the mean of the likelihood under the prior.
 *
 * @param likelihood log p(x | z), up to no constant where ln Z is to mean anything
 * @throws UsageError for fewer than 2 dim + 2 points alive
 */
export async function sampleNested(likelihood: Target, key: Key, options: NestedOptions = {}): Promise<NestedRun> {
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
