import { keyOf } from '../../core/index.js'
import type { PairBasis } from './basis.js'
import type { CloseBins } from './closePairs.js'
import {
  type Matched,
  type MatchedCounts,
  type MatchedLevel,
  type MatchedMoments,
  makeMatchedMoments,
} from './matchedMoments.js'

export interface MatchedTask {
  readonly basis: PairBasis
  readonly bins: CloseBins
  readonly clouds: Matched
  /** What is asked: moments of a level, or counts of close pairs at a noise level */
  readonly level: Omit<MatchedLevel, 'key'> | { readonly countAt: number }
  readonly key: readonly [number, number]
}

/** Kept from task to task of one worker: buffers and the session of the product. */
const ready = new Map<string, ReturnType<typeof makeMatchedMoments>>()

export default async function run(task: MatchedTask): Promise<MatchedMoments | MatchedCounts> {
  const name = JSON.stringify([task.basis, task.bins])
  const making = ready.get(name) ?? makeMatchedMoments(task.basis, task.bins)
  ready.set(name, making)
  const { momentsOf, countsOf } = await making
  const key = keyOf(...task.key)
  return 'countAt' in task.level
    ? countsOf(task.clouds, task.level.countAt, key)
    : momentsOf(task.clouds, { ...task.level, key })
}
