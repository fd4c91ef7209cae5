import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ArrayValue, Tree } from '../../core/index.js'
import { type Batch, type LossProgram, makeTrainer, type Trainer } from '../../engine/index.js'
import { readSafetensors, writeSafetensors } from '../../io/index.js'
import type { Source } from '../stream/demand.js'
import { prefetchOverlap } from '../stream/prefetchOverlap.js'
import { latestCheckpoint, saveCheckpoint } from './checkpoint.js'
import type { RunContext } from './context.js'
import { diverged } from './diverged.js'
import { openMetrics } from './metrics.js'
import type { RunFolder } from './runFolder.js'
import { since } from './since.js'
import { runSteps } from './steps.js'
import { stateOf, tensorsOf } from './trainState.js'

/** One network of an ensemble, as its best validation left it. */
export interface TrainedMember {
  /** flat, averaged over steps */
  readonly params: Float32Array
  /** what `validate` found, the largest */
  readonly validation: number
  readonly steps: number
  readonly stepsPerSecond: number | null
  readonly dataWaitFraction: number
}

/** The settings of `train` that the loop hears. */
export interface MemberSettings {
  readonly members: number
  /** at most */
  readonly steps: number
  readonly learningRate: number
  readonly warmup: number
  readonly weightDecay: number
  readonly clip: number
  readonly ema: number
  readonly checkpointEvery: number
  readonly validateEvery: number
  /** validations without a better one after which training ends */
  readonly patience: number
}

/** Where a stream of batches stands: small numbers that a checkpoint holds. */
export type Position = Readonly<Record<string, number>>

/** A batch, and where the stream stands after it. */
export interface PlacedBatch<P extends Position> {
  readonly tensors: Batch
  readonly next: P
}

/** What one network learns, and from what. */
export interface MemberTask<P extends Position> {
  readonly folder: Pick<RunFolder<unknown>, 'file' | 'resumed'>
  readonly train: MemberSettings
  readonly context: RunContext
  /** Threads that share a batch (see `TrainerOptions.workers`); one session of one thread where absent */
  readonly workers?: number
  readonly loss: LossProgram
  init(): Tree<ArrayValue>
  /** the measured number that is told as the loss; default `loss` */
  readonly told?: string
  readonly begin: P
  /** Batches without end, from a position on. */
  batches(from: P): Source<PlacedBatch<P>>
  /** How good the averaged parameters are on what is held out: the larger the better. */
  validate(trainer: Trainer): Promise<number>
}

/**
 * Trains network `member` of a run from its last checkpoint, or reads it where it is trained already: AdamW by a
 * warmed-up cosine, ended early where validation has not become better for long. Killed anywhere, a resumed run ends in
 * the same bytes.
 */
export async function trainMember<P extends Position>(task: MemberTask<P>, member: number): Promise<TrainedMember> {
  const { folder, train, context, told = 'loss' } = task
  const own = join(folder.file('members'), String(member))
  const finished = join(own, 'best.safetensors')
  if (existsSync(finished)) return readMember(finished)
  const checkpoint = folder.resumed ? await latestCheckpoint(own, context.log) : undefined
  const trainer = makeTrainer(
    task.loss,
    task.init(),
    {
      optimiser: { weightDecay: train.weightDecay },
      schedule: { peak: train.learningRate, warmup: train.warmup, steps: train.steps },
      clip: train.clip,
      ema: train.ema,
      threads: 1,
      workers: task.workers,
    },
    checkpoint && stateOf(checkpoint.step, checkpoint.tensors),
  )
  try {
    const best = {
      params: (checkpoint?.tensors.best?.values as Float32Array | undefined) ?? trainer.state().params,
      validation: Number(checkpoint?.metadata.validation ?? Number.NEGATIVE_INFINITY),
      missed: Number(checkpoint?.metadata.missed ?? 0),
    }
    let position = { ...task.begin }
    for (const name of Object.keys(position)) {
      if (checkpoint) position = { ...position, [name]: Number(checkpoint.metadata[name] ?? task.begin[name]) }
    }
    const first = checkpoint?.step ?? 0
    const stream = prefetchOverlap(task.batches(position), { prefetch: 4, signal: context.signal })
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
        metrics: {
          ...metrics,
          append: row => metrics.append({ member, ...row, step: member * train.steps + row.step }),
        },
        async step(batch: PlacedBatch<P>, index) {
          const measured = await trainer.step(batch.tensors)
          const loss = measured[told].values[0]
          if (!Number.isFinite(loss)) throw diverged(`a loss of ${loss} in step ${index + 1}`)
          position = batch.next
          stepsHere++
          if (firstStepEnded === 0) firstStepEnded = performance.now()
          const row: Record<string, number> = {
            loss,
            gradient_norm: measured.gradient_norm.values[0],
            ...(position.epoch !== undefined && { epoch: position.epoch }),
            seconds: since(began),
          }
          if ((index + 1) % train.validateEvery !== 0 && index + 1 < train.steps) return row
          const reached = await task.validate(trainer)
          if (reached > best.validation)
            Object.assign(best, { params: trainer.state().ema, validation: reached, missed: 0 })
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

function writeMember(
  path: string,
  { params, validation, steps, stepsPerSecond, dataWaitFraction }: TrainedMember,
): void {
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
