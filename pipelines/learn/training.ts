import type { ArrayValue, Tree } from '../../core/index.js'
import {
  type LossProgram,
  makeTrainer,
  type NestedBatch,
  type Trainer,
  type TrainerOptions,
} from '../../engine/index.js'
import { latestCheckpoint, saveCheckpoint } from '../run/checkpoint.js'
import type { RunContext } from '../run/context.js'
import { openMetrics } from '../run/metrics.js'
import { secondsSince } from '../run/seconds.js'
import { runSteps } from '../run/steps.js'
import type { Source } from '../stream/demand.js'
import { prefetchOverlap } from '../stream/prefetchOverlap.js'
import { diverged } from './diverged.js'
import { stateOf, tensorsOf } from './trainState.js'

/** The settings of `train` that the loop reads, see `trainSettings`. */
export interface LoopSettings {
  /** at most */
  readonly steps: number
  readonly learningRate: number
  readonly warmup: number
  readonly weightDecay: number
  readonly clip: number
  readonly ema: number
  readonly checkpointEvery: number
}

/** When the averaged parameters are judged on what is held out, and when training ends. */
export interface Validation {
  readonly every: number
  /** validations without a better one after which training ends */
  readonly patience: number
  /** How good they are: the larger the better. */
  measure(trainer: Trainer): Promise<number>
}

/** Where a stream of batches stands: small numbers that a checkpoint holds. */
export type Position = Readonly<Record<string, number>>

/** A batch, and where the stream stands after it. */
export interface PlacedBatch<P extends Position> {
  readonly tensors: NestedBatch
  readonly next: P
}

/** One network that learns, and from what. */
export interface Training<P extends Position, B extends PlacedBatch<P>> {
  readonly label: string
  /** where its checkpoints lie */
  readonly path: string
  readonly resumed: boolean
  readonly metrics: {
    readonly path: string
    /** rows of metrics that other networks of the run fill before */
    readonly offset: number
  }
  readonly settings: LoopSettings
  readonly trainer?: Pick<TrainerOptions, 'threads' | 'workers' | 'device'>
  readonly loss: LossProgram
  init(): Tree<ArrayValue>
  readonly begin: P
  /** Batches without end, from a position on; `step` steps have been taken. */
  batches(from: P, step: number): Source<B>
  /** the measured number that is the loss of a row of metrics; default `loss` */
  readonly lossName?: string
  /** what a row of metrics holds besides */
  row?(measured: Readonly<Record<string, ArrayValue>>, batch: B): Readonly<Record<string, number>>
  readonly validation?: Validation
}

/** A network as training left it. The trainer is open: close it. */
export interface Trained {
  readonly trainer: Trainer
  /** flat, averaged over steps; at the best validation where there is one */
  readonly params: Float32Array
  /** the largest; -Infinity without any */
  readonly validation: number
  readonly steps: number
  readonly stepsPerSecond: number | null
  readonly dataWaitFraction: number
  readonly seconds: number
}

/**
 * The one training loop: AdamW by a warmed-up cosine from the last checkpoint on, ended early where validation has not
 * become better for long. Killed anywhere, a resumed run ends in the same bytes.
 */
export async function train<P extends Position, B extends PlacedBatch<P>>(
  task: Training<P, B>,
  context: RunContext,
): Promise<Trained> {
  const { settings, validation, lossName = 'loss', path } = task
  const checkpoint = task.resumed ? await latestCheckpoint(path, context.log) : undefined
  const trainer = makeTrainer(
    task.loss,
    task.init(),
    {
      optimiser: { weightDecay: settings.weightDecay },
      schedule: { peak: settings.learningRate, warmup: settings.warmup, steps: settings.steps },
      clip: settings.clip,
      ema: settings.ema,
      threads: 1,
      ...task.trainer,
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
    const stream = prefetchOverlap(task.batches(position, first), { prefetch: 4, signal: context.signal })
    const { offset } = task.metrics
    const metrics = await openMetrics(task.metrics.path, offset + first)
    const began = performance.now()
    let [stepsHere, firstStepEnded] = [0, 0]
    const isOver = () => validation !== undefined && best.missed >= validation.patience
    const run = runSteps(
      {
        label: task.label,
        from: first,
        steps: settings.steps,
        checkpointEvery: settings.checkpointEvery,
        batches: until(stream, isOver),
        metrics: { ...metrics, append: row => metrics.append({ ...row, step: offset + row.step }) },
        async step(batch: B, index) {
          const measured = await trainer.step(batch.tensors)
          const loss = measured[lossName].values[0]
          if (!Number.isFinite(loss)) throw diverged(`a loss of ${loss} in step ${index + 1}`)
          position = batch.next
          stepsHere++
          if (firstStepEnded === 0) firstStepEnded = performance.now()
          const row: Record<string, number> = {
            loss,
            gradient_norm: measured.gradient_norm.values[0],
            ...task.row?.(measured, batch),
            seconds: secondsSince(began),
          }
          if (!validation || ((index + 1) % validation.every !== 0 && index + 1 < settings.steps)) return row
          const reached = await validation.measure(trainer)
          if (reached > best.validation)
            Object.assign(best, { params: trainer.state().ema, validation: reached, missed: 0 })
          else best.missed++
          return { ...row, validation: reached }
        },
        save: async done => {
          const tensors = {
            ...tensorsOf(trainer.state()),
            ...(validation && { best: { shape: [best.params.length], values: best.params } }),
          }
          const metadata = { ...(validation && { validation: best.validation, missed: best.missed }), ...position }
          await saveCheckpoint(path, { step: done, tensors, metadata: texts(metadata) })
        },
        note: ({ loss }) =>
          validation
            ? `loss ${loss.toFixed(3)}, best validation ${(-best.validation).toFixed(3)}`
            : `loss ${loss.toFixed(4)}`,
      },
      context,
    )
    const steps = await run.finally(() => metrics.close())
    return {
      trainer,
      params: validation ? best.params : trainer.state().ema,
      validation: best.validation,
      steps,
      // the first step waits for the compiler
      stepsPerSecond: stepsHere > 1 ? (stepsHere - 1) / secondsSince(firstStepEnded) : null,
      dataWaitFraction: stream.dataWaitFraction(),
      seconds: secondsSince(began),
    }
  } catch (error) {
    await trainer.close()
    throw error
  }
}

async function* until<T>(stream: AsyncIterable<T>, stop: () => boolean): AsyncGenerator<T> {
  for await (const value of stream) {
    if (stop()) return
    yield value
    if (stop()) return
  }
}

/** Numbers as the metadata of a file holds them. */
export function texts(values: Readonly<Record<string, number>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]))
}
