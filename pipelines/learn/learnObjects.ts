import type { Key } from '../../core/index.js'
import type { Method } from '../../generative/sbi/index.js'
import type { Learned, Stage } from '../case.js'
import type { ChunkedSource, Split } from '../stream/index.js'
import { type MemberSettings, trainMembers } from './members.js'
import { type BatchPosition, heldOutObjects, type ObjectPairsOptions, objectPairs } from './objectPairs.js'
import { ensembleFacts, informationBeyondPrior } from './trainingFacts.js'

export interface LearnObjectsTask<O> {
  readonly stage: Stage<{ readonly train: MemberSettings }>
  readonly data: ChunkedSource<O>
  readonly split: Split
  readonly key: Key
  readonly method: Method<O>
  /** How these objects become batches. */
  pairs(indices: Int32Array, key: Key): ObjectPairsOptions<O>
}

/** Networks that have learned from objects. */
export interface LearnedObjects {
  /** flat parameters of each network */
  readonly members: readonly Float32Array[]
  /** of each: nats that held-out theta are given beyond the prior; of `npe` alone, whose loss is a density */
  readonly information?: readonly number[]
  readonly facts: Pick<Learned, 'steps' | 'stepsPerSecond' | 'dataWaitFraction'>
}

/**
 * Trains an ensemble on objects of files, each network from another beginning and in another order of the same objects.
 */
export async function learnObjects<O>(task: LearnObjectsTask<O>): Promise<LearnedObjects> {
  const { stage, data, split, key, method, pairs } = task
  const { folder, config, threads, context } = stage
  const heldOut = await heldOutObjects(data, pairs(split.validation, key), context.signal)
  const members = await trainMembers<O, BatchPosition>({
    folder,
    settings: config.train,
    // Two threads with half a batch each: as fast as one session of both, and the same bytes again.
    workers: threads > 1 ? 2 : 1,
    context,
    member(index) {
      const own = key.split('member').split(index)
      const learned = pairs(split.training, own.split('batches'))
      return {
        method,
        init: own.split('network'),
        begin: { epoch: 0, batch: 0 },
        pairs: from => objectPairs(data, learned, from),
        heldOut,
      }
    },
  })
  return {
    members: members.map(({ params }) => params),
    ...(method.name === 'npe' && { information: members.map(member => informationBeyondPrior(member, heldOut)) }),
    facts: ensembleFacts(members),
  }
}
