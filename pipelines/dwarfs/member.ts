import type { Tensor } from '@tensorflow/tfjs'
import type { ArrayValue, Tree } from '../../core/index.js'
import type { Dwarf } from '../../io/dwarfs/dwarf.js'
import { heldOutMean, type TrainedMember, trainMember } from '../run/index.js'
import { inOrder } from '../stream/index.js'
import { type BatchPosition, type DwarfExample, dwarfBatches, exampleOf, galaxiesPerBatch } from './batches.js'
import { paddedTo } from './examples.js'
import type { DwarfsNetwork } from './network.js'
import type { TrainStage } from './trainStage.js'

/**
 * Trains network `member` of the run, see `trainMember`; validation is the mean log q(theta | x) of held-out galaxies,
 * nats, in the coordinates of the prior.
 */
export async function trainDwarfMember(stage: TrainStage, member: number): Promise<TrainedMember> {
  const { folder, config, context, network, split } = stage
  const key = stage.key.split('member').split(member)
  const validation = await validationBatches(stage)
  const { neighbours } = network
  return trainMember(
    {
      folder,
      train: config.train,
      context,
      // Two threads with half a batch each: as fast as one session of both, and the same bytes again.
      workers: stage.threads > 1 ? 2 : 1,
      loss: posteriorLoss(network),
      init: () => network.init(key.split('network')),
      told: 'nll',
      begin: { epoch: 0, batch: 0 } satisfies BatchPosition,
      batches: from =>
        dwarfBatches(stage.data, { key: key.split('batches'), indices: split.training, config, neighbours }, from),
      validate: trainer => heldOutMean(trainer, validation, 'nll'),
    },
    member,
  )
}

/** Minus the mean log q(theta | x), nats; `nll` is without the weight of a smaller batch. */
export function posteriorLoss(network: DwarfsNetwork) {
  return (params: Tree<Tensor>, { target, weight, ...observation }: DwarfExample<Tensor>) => {
    const nll = network.logProb(params, observation, target).mean().neg()
    return { loss: nll.mul(weight), nll }
  }
}

/**
 * Galaxies that are held out, as they are, in batches of one size each; the last of a size is filled up and counts for
 * what is new.
 */
async function validationBatches(stage: TrainStage): Promise<{ tensors: DwarfExample<ArrayValue>; rows: number }[]> {
  const { data, split, config, network, context } = stage
  const bySize = new Map<number, Dwarf[]>()
  for await (const { item } of inOrder(data, split.validation)(context.signal)) {
    const size = paddedTo(item.stars)
    bySize.set(size, [...(bySize.get(size) ?? []), item])
  }
  return [...bySize].flatMap(([size, dwarfs]) => {
    const rows = galaxiesPerBatch(size, config.train.batch)
    const made: { tensors: DwarfExample<ArrayValue>; rows: number }[] = []
    for (let first = 0; first < dwarfs.length; first += rows) {
      const group = Array.from({ length: rows }, (_, i) => dwarfs[(first + i) % dwarfs.length])
      made.push({
        tensors: exampleOf(group, network.neighbours, config.train.batch),
        rows: Math.min(rows, dwarfs.length - first),
      })
    }
    return made
  })
}
