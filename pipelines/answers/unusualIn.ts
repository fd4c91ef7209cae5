import type { OpenPosterior, Unusual } from '../case.js'
import { groupOf, type TrainedRegion, unusualness } from './trainedRegion.js'

/**
 * Whether an observation lies where the training lay, from what its method reads of it; nothing where the method
 * summarises nothing.
 */
export function unusualIn<O>(
  region: TrainedRegion,
  summaries: ((observations: readonly O[]) => Promise<Float32Array[]>) | undefined,
  { sizeOf = () => 0, ...words }: Pick<Unusual, 'noun' | 'among' | 'advice'> & { sizeOf?(observation: O): number },
): Pick<OpenPosterior<O>, 'unusual'> {
  if (summaries === undefined) return {}
  return {
    async unusual(observation) {
      const [summary] = await summaries([observation])
      const size = sizeOf(observation)
      return { ...unusualness(region, summary, size), distances: groupOf(region, size).distances, ...words }
    },
  }
}
