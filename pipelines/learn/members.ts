import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Tensor } from '@tensorflow/tfjs'
import type { Key } from '../../core/index.js'
import type { Trainer } from '../../engine/index.js'
import { type Method, methodBatch, methodLoss } from '../../generative/sbi/index.js'
import { readSafetensors, writeSafetensors } from '../../io/index.js'
import type { RunContext } from '../run/context.js'
import type { RunFolder } from '../run/runFolder.js'
import type { Source } from '../stream/demand.js'
import { type LoopSettings, type PlacedBatch, type Position, type Trained, texts, train } from './training.js'

/** The settings of an ensemble. */
export interface MemberSettings extends LoopSettings {
  readonly members: number
  readonly validateEvery: number
  readonly patience: number
}

/** Some simulations that one step learns from. */
export interface Pairs<O, P extends Position> {
  /** `[objects, p]` standard normal coordinates of theta */
  readonly z: Float32Array
  readonly objects: readonly O[]
  /** the batch's share of an ordinary one; default 1 */
  readonly weight?: number
  /** of the random numbers that the method needs beside them */
  readonly key: Key
  readonly next: P
}

/** Held-out simulations, of which the first `count` count; what follows fills a batch up. */
export type HeldOut<O> = Pick<Pairs<O, Position>, 'z' | 'objects' | 'key'> & { readonly count: number }

/** What one network of an ensemble learns, and from what. */
export interface MemberTask<O, P extends Position> {
  readonly method: Method<O>
  readonly init: Key
  readonly begin: P
  pairs(from: P): Source<Pairs<O, P>>
  readonly heldOut: readonly HeldOut<O>[]
}

/** One network of an ensemble, as its best validation left it. */
export type TrainedMember = Omit<Trained, 'trainer' | 'seconds'>

export interface EnsembleTask<O, P extends Position> {
  readonly folder: Pick<RunFolder<unknown>, 'file' | 'resumed'>
  readonly settings: MemberSettings
  /** threads that share a batch, see `TrainerOptions.workers`; one session of one thread where absent */
  readonly workers?: number
  readonly context: RunContext
  member(index: number): Promise<MemberTask<O, P>> | MemberTask<O, P>
}

/**
 * Trains every network of an ensemble, one after another, each from its last checkpoint; those that are done are read.
 */
export async function trainMembers<O, P extends Position>(task: EnsembleTask<O, P>): Promise<TrainedMember[]> {
  const members: TrainedMember[] = []
  for (let index = 0; index < task.settings.members; index++) {
    const path = join(task.folder.file('members'), String(index))
    const finished = join(path, 'best.safetensors')
    if (!existsSync(finished)) await trainMember(task, index, path, finished)
    members.push(readMember(finished))
  }
  return members
}

async function trainMember<O, P extends Position>(
  { folder, settings, workers, context, member }: EnsembleTask<O, P>,
  index: number,
  path: string,
  finished: string,
): Promise<void> {
  const { method, init, begin, pairs, heldOut } = await member(index)
  const loss = methodLoss(method)
  const zOf = (z: Float32Array, objects: readonly O[]) => ({
    shape: [objects.length, z.length / objects.length],
    values: z,
  })
  const placed = ({ z, objects, key, weight, next }: Pairs<O, P>): PlacedBatch<P> => ({
    tensors: {
      ...methodBatch(method, zOf(z, objects), objects, key),
      ...(weight !== undefined && { weight: { shape: [], values: Float32Array.of(weight) } }),
    },
    next,
  })
  const held = heldOut.map(({ z, objects, key, count }) => ({
    tensors: methodBatch(method, zOf(z, objects), objects, key),
    count,
  }))
  const trained = await train<P, PlacedBatch<P>>(
    {
      label: `training network ${index + 1} of ${settings.members}, at most ${settings.steps} steps`,
      path,
      resumed: folder.resumed,
      metrics: { path: folder.file('metrics.jsonl'), offset: index * settings.steps },
      settings,
      trainer: { workers },
      loss: (params, { weight, ...batch }: Readonly<Record<string, Tensor>>) => {
        const { loss: unweighted } = loss(params, batch)
        // A smaller batch weighs less, so that every simulation counts alike.
        return weight ? { loss: unweighted.mul(weight), unweighted } : { loss: unweighted, unweighted }
      },
      lossName: 'unweighted',
      init: () => method.init(init),
      begin,
      batches: from => mapped(pairs(from), placed),
      row: (_, { next }) => ({ member: index, ...(next.epoch !== undefined && { epoch: next.epoch }) }),
      validation: {
        every: settings.validateEvery,
        patience: settings.patience,
        measure: trainer => heldOutMean(trainer, held),
      },
    },
    context,
  )
  const { params, validation, steps, stepsPerSecond, dataWaitFraction } = trained
  await trained.trainer.close()
  const facts = { validation, steps, stepsPerSecond: stepsPerSecond ?? Number.NaN, dataWaitFraction }
  writeSafetensors(finished, { params: { shape: [params.length], values: params } }, texts(facts))
  await rm(join(path, 'checkpoints'), { recursive: true, force: true })
}

/** Minus the mean loss of the averaged parameters over held-out simulations: the larger the better. */
async function heldOutMean(
  trainer: Trainer,
  batches: readonly { readonly tensors: Parameters<Trainer['measure']>[0]; readonly count: number }[],
): Promise<number> {
  let [sum, all] = [0, 0]
  for (const { tensors, count } of batches) {
    sum -= (await trainer.measure(tensors)).unweighted.values[0] * count
    all += count
  }
  return sum / all
}

function mapped<T, U>(source: Source<T>, map: (value: T) => U): Source<U> {
  return async function* (signal) {
    for await (const value of source(signal)) yield map(value)
  }
}

function readMember(path: string): TrainedMember {
  const { tensors, metadata } = readSafetensors(path)
  const number = (name: string) => Number(metadata[name])
  return {
    params: tensors.params.values as Float32Array,
    validation: number('validation'),
    steps: number('steps'),
    stepsPerSecond: Number.isFinite(number('stepsPerSecond')) ? number('stepsPerSecond') : null,
    dataWaitFraction: number('dataWaitFraction'),
  }
}
