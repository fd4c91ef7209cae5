import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Tensor } from '@tensorflow/tfjs'
import type { ArrayValue, Dwarf, Tree } from '../../core/index.js'
import { makeTrainer, type Trainer } from '../../engine/index.js'
import { readSafetensors, writeSafetensors } from '../../io/index.js'
import {
  diverged,
  latestCheckpoint,
  openMetrics,
  runSteps,
  saveCheckpoint,
  since,
  stateOf,
  tensorsOf,
} from '../run/index.js'
import { inOrder, prefetchOverlap } from '../stream/index.js'
import {
  type BatchPosition,
  type DwarfBatch,
  type DwarfExample,
  dwarfBatches,
  exampleOf,
  galaxiesPerBatch,
} from './batches.js'
import { paddedTo } from './examples.js'
import type { DwarfsNetwork } from './network.js'
import type { TrainStage } from './trainStage.js'

/** One network of the ensemble, as its best validation left it. */
export interface TrainedMember {
  /** flat, averaged over steps */
  readonly params: Float32Array
  /** mean log q(theta | x) over the validation galaxies, nats, in the coordinates of the prior */
  readonly validation: number
  readonly steps: number
  readonly stepsPerSecond: number | null
  readonly dataWaitFraction: number
}

/** Trains network `member` from its last checkpoint, or reads it where it is trained already. */
export async function trainMember(stage: TrainStage, member: number): Promise<TrainedMember> {
  const { folder, config, context } = stage
  const own = join(folder.file('members'), String(member))
  const finished = join(own, 'best.safetensors')
  if (existsSync(finished)) return readMember(finished)
  const { train } = config
  const key = stage.key.split('member').split(member)
  const checkpoint = folder.resumed ? await latestCheckpoint(own, context.log) : undefined
  const trainer = makeTrainer(
    posteriorLoss(stage.network),
    stage.network.init(key.split('network')),
    {
      optimiser: { weightDecay: train.weightDecay },
      schedule: { peak: train.learningRate, warmup: train.warmup, steps: train.steps },
      clip: train.clip,
      ema: train.ema,
      threads: 1,
      // Two threads with half a batch each: as fast as one session of both, and the same bytes again.
      workers: stage.threads > 1 ? 2 : 1,
    },
    checkpoint && stateOf(checkpoint.step, checkpoint.tensors),
  )
  try {
    const best = {
      params: (checkpoint?.tensors.best?.values as Float32Array | undefined) ?? trainer.state().params,
      validation: Number(checkpoint?.metadata.validation ?? Number.NEGATIVE_INFINITY),
      missed: Number(checkpoint?.metadata.missed ?? 0),
    }
    let position: BatchPosition = {
      epoch: Number(checkpoint?.metadata.epoch ?? 0),
      batch: Number(checkpoint?.metadata.batch ?? 0),
    }
    const first = checkpoint?.step ?? 0
    const validation = await validationBatches(stage)
    const { prefetch, neighbours } = { prefetch: 4, neighbours: stage.network.neighbours }
    const batches = dwarfBatches(
      stage.data,
      { key: key.split('batches'), indices: stage.split.training, config, neighbours },
      position,
    )
    const stream = prefetchOverlap(batches, { prefetch, signal: context.signal })
    const metrics = await openMetrics(folder.file('metrics.jsonl'), member * train.steps + first)
    const began = performance.now()
    let [stepsHere, firstStepEnded] = [0, 0]
    const run = runSteps(
      {
        label: `training network ${member + 1} of ${train.members}, at most ${train.steps} steps`,
        from: first,
        steps: train.steps,
        checkpointEvery: train.checkpointEvery,
        batches: until(stream, () => best.missed >= train.patience),
        metrics: { ...metrics, append: row => metrics.append({ member, ...row, step: member * train.steps + row.step }) },
        async step(batch: DwarfBatch, index) {
          const measured = await trainer.step(batch.tensors)
          const loss = measured.nll.values[0]
          if (!Number.isFinite(loss)) throw diverged(`a loss of ${loss} in step ${index + 1}`)
          position = batch.next
          stepsHere++
          if (firstStepEnded === 0) firstStepEnded = performance.now()
          const row = { loss, gradient_norm: measured.gradient_norm.values[0], epoch: position.epoch, seconds: since(began) }
          if ((index + 1) % train.validateEvery !== 0 && index + 1 < train.steps) return row
          const reached = await meanLogProb(trainer, validation)
          if (reached > best.validation) Object.assign(best, { params: trainer.state().ema, validation: reached, missed: 0 })
          else best.missed++
          return { ...row, validation: reached }
        },
        save: async done => {
          const { validation: reached, missed, params } = best
          const tensors = { ...tensorsOf(trainer.state()), best: { shape: [params.length], values: params } }
          const metadata = { validation: reached, missed, ...position }
          await saveCheckpoint(own, { step: done, tensors, metadata: texts(metadata) })
        },
        note: ({ loss }) => `loss ${loss.toFixed(3)}, best validation ${(-best.validation).toFixed(3)}`,
      },
      context,
    )
    const steps = await run.finally(() => metrics.close())
    const trained: TrainedMember = {
      params: best.params,
      validation: best.validation,
      steps,
      stepsPerSecond: stepsHere > 1 ? (stepsHere - 1) / since(firstStepEnded) : null,
      dataWaitFraction: stream.dataWaitFraction(),
    }
    writeMember(finished, trained)
    await rm(join(own, 'checkpoints'), { recursive: true, force: true })
    return trained
  } finally {
    await trainer.close()
  }
}

/** Minus the mean log q(theta | x), nats; `nll` is without the weight of a smaller batch. */
export function posteriorLoss(network: DwarfsNetwork) {
  return (params: Tree<Tensor>, { target, weight, ...observation }: DwarfExample<Tensor>) => {
    const nll = network.logProb(params, observation, target).mean().neg()
    return { loss: nll.mul(weight), nll }
  }
}

/** Galaxies that are held out, as they are, in batches of one size each; the last of a size is filled up and counts for what is new. */
async function validationBatches(stage: TrainStage): Promise<{ tensors: DwarfExample<ArrayValue>; real: number }[]> {
  const { data, split, config, network, context } = stage
  const bySize = new Map<number, Dwarf[]>()
  for await (const { item } of inOrder(data, split.validation)(context.signal)) {
    const size = paddedTo(item.stars)
    bySize.set(size, [...(bySize.get(size) ?? []), item])
  }
  return [...bySize].flatMap(([size, dwarfs]) => {
    const rows = galaxiesPerBatch(size, config.train.batch)
    const made: { tensors: DwarfExample<ArrayValue>; real: number }[] = []
    for (let first = 0; first < dwarfs.length; first += rows) {
      const group = Array.from({ length: rows }, (_, i) => dwarfs[(first + i) % dwarfs.length])
      made.push({
        tensors: exampleOf(group, network.neighbours, config.train.batch),
        real: Math.min(rows, dwarfs.length - first),
      })
    }
    return made
  })
}

async function meanLogProb(
  trainer: Trainer,
  batches: readonly { tensors: DwarfExample<ArrayValue>; real: number }[],
): Promise<number> {
  let [sum, count] = [0, 0]
  for (const { tensors, real } of batches) {
    const { nll } = await trainer.measure(tensors)
    sum -= nll.values[0] * real
    count += real
  }
  return sum / count
}

async function* until<T>(stream: AsyncIterable<T>, stop: () => boolean): AsyncGenerator<T> {
  for await (const value of stream) {
    if (stop()) return
    yield value
    if (stop()) return
  }
}

function texts(values: Readonly<Record<string, number>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]))
}

function writeMember(path: string, { params, validation, steps, stepsPerSecond, dataWaitFraction }: TrainedMember): void {
  const facts = { validation, steps, stepsPerSecond: stepsPerSecond ?? Number.NaN, dataWaitFraction }
  writeSafetensors(path, { params: { shape: [params.length], values: params } }, texts(facts))
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
