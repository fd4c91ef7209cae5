import { type Key, uniform } from '../../core/index.js'
import { layoutOf, unflattenValues } from '../../engine/index.js'
import type { Method } from '../../generative/sbi/index.js'
import type { Dwarf } from '../../io/dwarfs/index.js'
import { fitGroup, type RegionGroup, type TrainedRegion } from '../answers/trainedRegion.js'
import type { RunContext } from '../run/context.js'
import { type ChunkedSource, inOrder, type Split } from '../stream/index.js'
import { augmentDwarf } from './augmentDwarf.js'
import type { DwarfsConfig } from './config.js'

/** Where the training lay: its summaries by number of stars, and the fewest and most stars of a galaxy. */
export interface TrainingDescription {
  readonly region: TrainedRegion
  readonly stars: readonly [number, number]
}

/** Galaxies looked at, of which groups are filled. */
const most = 40_000
/** Galaxies of a group, fitted and held out each. */
const groupSize = 1000
/** One galaxy of many stars, thinned differently, stands in a group at most so often. */
const passes = 5
/** From the fewest stars of a group to the fewest of the next. */
const ratio = 1.7

/**
 * Galaxies are thinned to fill groups of equal width in the logarithm of the number of stars, where training thinned
 * them; else they stay as they are and fill their own group. Groups that stay too small to fit a Gaussian to are joined
 * to the one below.
 *
 * @param split  all galaxies: the region is fitted to those trained on, its distances are those of the others
 * @param params of the first network, flat
 */
export async function describeTraining(
  {
    config,
    data,
    method,
    key,
    threads,
    context,
  }: {
    readonly config: DwarfsConfig
    readonly data: ChunkedSource<Dwarf>
    readonly method: Method<Dwarf>
    readonly key: Key
    readonly threads: number
    readonly context: RunContext
  },
  split: Split,
  params: Float32Array,
): Promise<TrainingDescription> {
  const { augment } = config
  const thinned = augment.thin > 0
  const posterior = method.posterior([unflattenValues(params, layoutOf(method.init(key)))], { threads })
  const summaries = async (dwarfs: readonly Dwarf[]) => (await posterior.summaries?.(dwarfs)) ?? []
  let [fewest, largest] = [Number.POSITIVE_INFINITY, 0]

  async function groupsOf(indices: Int32Array, own: Key): Promise<Map<number, Dwarf[]>> {
    const chosen = indices.filter((_, i) => i % Math.ceil(indices.length / most) === 0)
    const groups = new Map<number, Dwarf[]>()
    const isFull = () => Array.from(groups.values()).every(({ length }) => length === groupSize)
    for (let pass = 0; pass < (thinned ? passes : 1) && (pass === 0 || !isFull()); pass++) {
      for await (const { item, index } of inOrder(data, chosen)(context.signal)) {
        fewest = Math.min(fewest, item.stars)
        largest = Math.max(largest, item.stars)
        const highest = groupAt(item.stars, augment.starsLeast)
        const open = Array.from({ length: thinned ? highest + 1 : 1 }, (_, below) => highest - below)
        const size = (group: number) => groups.get(group)?.length ?? 0
        const group = open.reduce((best, one) => (size(one) < size(best) ? one : best))
        if (size(group) >= groupSize) continue
        const drawn = own.split(pass).split(index)
        const taken = thinned ? starsWithin(group, item.stars, augment.starsLeast, drawn) : item.stars
        groups.set(group, [...(groups.get(group) ?? []), augmentDwarf(item, drawn, augment, taken)])
      }
    }
    return groups
  }
  try {
    const fitted = await groupsOf(split.training, key.split('region'))
    const heldOut = await groupsOf(split.validation, key.split('held out of region'))
    const region: RegionGroup[] = []
    let [some, others]: [Dwarf[], Dwarf[]] = [[], []]
    const enough = 5 * method.reader.summary.outputs
    const present = [...new Set([...fitted.keys(), ...heldOut.keys()])].sort((a, b) => b - a)
    for (const group of present) {
      some = [...some, ...(fitted.get(group) ?? [])]
      others = [...others, ...(heldOut.get(group) ?? [])]
      const isLast = group === present[present.length - 1] && region.length === 0
      if (!isLast && (some.length < enough || others.length < groupSize / 5)) continue
      const from = augment.starsLeast * ratio ** group
      region.unshift(fitGroup(from, await summaries(some), await summaries(others)))
      ;[some, others] = [[], []]
    }
    return { region, stars: [thinned ? Math.min(fewest, augment.starsLeast) : fewest, largest] }
  } finally {
    await posterior.close()
  }
}

function groupAt(stars: number, starsLeast: number): number {
  return Math.max(0, Math.floor(Math.log(stars / starsLeast) / Math.log(ratio)))
}

/** A number of stars log-uniform in the group, no more than there are. */
function starsWithin(group: number, stars: number, starsLeast: number, key: Key): number {
  const low = Math.min(stars, Math.ceil(starsLeast * ratio ** group))
  const high = Math.min(stars, Math.ceil(starsLeast * ratio ** (group + 1)) - 1)
  return Math.round(low * (high / low) ** uniform(key.split('stars of the group'), 1)[0])
}
