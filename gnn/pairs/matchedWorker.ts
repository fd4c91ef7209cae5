import { keyOf } from '../../core/index.js'
import type { PairBasis } from './basis.js'
import type { CloseBins } from './closePairs.js'
import type { Matched, MatchedCounts, MatchedLevel, MatchedMoments } from './matchedMoments.js'
import { makeMatchedMoments } from './matchedMoments.js'

export type MatchedAnswer = MatchedMoments | MatchedCounts | Float64Array

export interface MatchedTask {
  readonly basis: PairBasis
  readonly bins: CloseBins
  readonly clouds: Matched
  /**
   * What is asked: moments of a level, counts of close pairs at a noise level, or the moment of a flow of close pairs
   * with the features
   */
  readonly level:
    | Omit<MatchedLevel, 'key'>
    | { readonly countAt: number }
    | { readonly sigma: number; readonly drift: Float64Array }
  readonly key: readonly [number, number]
}

/** Kept from task to task of one worker: buffers and the session of the product. */
const ready = new Map<string, ReturnType<typeof makeMatchedMoments>>()

export default async function run(task: MatchedTask): Promise<MatchedAnswer> {
  const name = JSON.stringify([task.basis, task.bins])
  const making = ready.get(name) ?? makeMatchedMoments(task.basis, task.bins)
  ready.set(name, making)
  const { momentsOf, countsOf, flowOf } = await making
  const key = keyOf(...task.key)
  if ('countAt' in task.level) return countsOf(task.clouds, task.level.countAt, key)
  if ('drift' in task.level) return flowOf(task.clouds.drawn, task.level.sigma, task.level.drift)
  return momentsOf(task.clouds, { ...task.level, key })
}
