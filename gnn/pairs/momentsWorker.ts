import { keyOf, promiseCache } from '../../core/index.js'
import type { PairBasis } from './basis.js'
import { type Moments, type MomentsOf, makeMoments } from './moments.js'

export interface MomentsTask {
  readonly basis: PairBasis
  readonly draws: number
  readonly sigmas: readonly number[]
  /** `[points, 3]` */
  readonly positions: Float32Array
  readonly key: readonly [number, number]
}

/**
 * Kept from task to task of one worker: buffers and the session of the product. Holds no numbers that matter to a
 * result.
 */
const ready = promiseCache<string, MomentsOf>()

export default async function run(task: MomentsTask): Promise<Moments[]> {
  const name = JSON.stringify([task.basis, task.draws])
  const momentsOf = await ready.get(name, () => makeMoments(task.basis, task.draws))
  const key = keyOf(...task.key)
  const out: Moments[] = []
  for (const [level, sigma] of task.sigmas.entries()) out.push(await momentsOf(task.positions, sigma, key.split(level)))
  return out
}
