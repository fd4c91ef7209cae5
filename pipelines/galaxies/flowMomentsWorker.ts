import { type Box, keyOf } from '../../core/index.js'
import { type Coupling, pathNoise, torusPaths } from '../../generative/matching/index.js'
import { type Moments, makeMoments, type PairBasis } from '../../gnn/pairs/index.js'

export interface FlowMomentsTask {
  readonly basis: PairBasis
  readonly draws: number
  readonly sigmas: readonly number[]
  /** `[points, 3]` */
  readonly positions: Float32Array
  readonly key: readonly [number, number]
  readonly box: Box
  readonly coupling: Coupling
  /** Mpc/h: the level at t = 0 */
  readonly scale: number
}

/**
 * Moments of features and path noise (`pathNoise`): paths are drawn once a cloud and draw and serve all levels, for
 * matching is what costs.
 */
export default async function run(task: FlowMomentsTask): Promise<Moments[]> {
  const { basis, draws, sigmas, positions, box, coupling, scale } = task
  const key = keyOf(...task.key)
  const noises = Array.from({ length: draws }, (_, draw) =>
    pathNoise(torusPaths(key.split('paths').split(draw), positions, box, coupling), scale),
  )
  const momentsOf = await makeMoments(basis, draws, (_key, _positions, draw) => noises[draw])
  const out: Moments[] = []
  for (const [level, sigma] of sigmas.entries()) out.push(await momentsOf(positions, sigma, key.split(level)))
  return out
}
