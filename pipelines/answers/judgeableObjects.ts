import type { Key } from '../../core/index.js'
import type { ObjectChunks } from '../../io/objects/index.js'
import type { Judgeable } from '../case.js'

/** The first `count` objects of files as observations to judge posteriors by, in order. */
export async function* judgeableObjects<O>(
  data: Pick<ObjectChunks<O>, 'read'>,
  {
    count,
    thetaOf,
    keyOf,
    signal,
  }: {
    readonly count: number
    /** in the order of the parameters; nothing where the object cannot be judged */
    thetaOf(object: O): readonly number[] | undefined
    /** of the draws of object `index` */
    keyOf(index: number): Key
    readonly signal: AbortSignal
  },
): AsyncGenerator<Judgeable<O>> {
  let index = 0
  for await (const observation of data.read(0, count, signal))
    yield { observation, theta: thetaOf(observation), key: keyOf(index++) }
}
