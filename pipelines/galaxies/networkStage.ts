import { type LossProgram, makeTrainer, type Trainer } from '../../engine/index.js'
import {
  diverged,
  finalLoss,
  latestCheckpoint,
  openMetrics,
  runSteps,
  saveCheckpoint,
  secondsSince,
  stateOf,
  tensorsOf,
} from '../run/index.js'
import { prefetchOverlap, trainingBatches } from '../stream/index.js'
import { cropBatch } from './crop.js'
import type { ExampleBatch, ExampleMaker } from './examples.js'
import { galaxiesLoss } from './loss.js'
import { makeNetwork, needsGraph } from './network.js'
import type { TrainStage } from './trainStage.js'

/** What the network's stage leaves, and how fast it went. */
export interface Trained {
  readonly trainer?: Trainer
  readonly steps: number
  readonly loss: number | null
  readonly stepsPerSecond: number | null
  readonly dataWaitFraction: number
  readonly seconds: number
}

/** Trains the network on what the pair score leaves, from the last checkpoint where there is one. */
export async function trainNetwork(stage: TrainStage, maker: ExampleMaker): Promise<Trained> {
  const { folder, config, data, split, key, threads, device, context } = stage
  const network = makeNetwork(config, data.box, data.names.length)
  if (!network) return { steps: 0, loss: null, stepsPerSecond: null, dataWaitFraction: 0, seconds: 0 }
  const { train } = config
  const checkpoint = folder.resumed ? await latestCheckpoint(folder.path, context.log) : undefined
  const lossProgram: LossProgram = galaxiesLoss(network, config, data.box)
  const trainer = makeTrainer(
    lossProgram,
    network.init(key.split('network')),
    {
      optimiser: { weightDecay: train.weightDecay },
      schedule: { peak: train.learningRate, warmup: train.warmup, steps: train.steps },
      clip: train.clip,
      ema: train.ema,
      threads,
      device,
    },
    checkpoint && stateOf(checkpoint.step, checkpoint.tensors),
  )
  const first = checkpoint?.step ?? 0
  const batches = trainingBatches(
    data,
    {
      key: key.split('batches'),
      indices: split.training,
      batchSize: train.batch,
      sizes: [data.points],
      names: data.names,
    },
    first,
  )
  const stream = prefetchOverlap(maker.over(batches, Math.max(2, threads)), { prefetch: 4, signal: context.signal })
  const crop = { core: train.crop, layers: config.network.layers, box: data.box }
  const cut = (batch: ExampleBatch): ExampleBatch =>
    train.crop > 0 && needsGraph(config) ? cropBatch(batch, key.split('crop').split(batch.step), crop) : batch
  const metrics = await openMetrics(folder.file('metrics.jsonl'), first)
  const began = performance.now()
  let stepsHere = 0
  let firstStepEnded = 0
  const run = runSteps(
    {
      label: `training the network, ${train.steps} steps`,
      from: first,
      steps: train.steps,
      checkpointEvery: train.checkpointEvery,
      batches: stream,
      metrics,
      async step(batch, index) {
        const { tensors, sigmas } = cut(batch)
        const measured = await trainer.step(tensors)
        const loss = measured.loss.values[0]
        const sum = (name: string) => Array.from(measured[name].values).reduce((a, b) => a + b, 0)
        if (!Number.isFinite(loss)) throw diverged(`a loss of ${loss} in step ${index + 1}`)
        stepsHere++
        if (firstStepEnded === 0) firstStepEnded = performance.now()
        return {
          loss,
          gradient_norm: measured.gradient_norm.values[0],
          sigma: sigmas.reduce((a, b) => a + b, 0) / sigmas.length,
          explained: 1 - sum('residual') / sum('variance'),
          seconds: (performance.now() - began) / 1000,
        }
      },
      save: async done => {
        await saveCheckpoint(folder.path, { step: done, tensors: tensorsOf(trainer.state()), metadata: {} })
      },
      note: ({ loss }) => `loss ${loss.toFixed(4)}`,
    },
    context,
  )
  const steps = await run.finally(() => metrics.close())
  return {
    trainer,
    steps,
    loss: await finalLoss(folder.file('metrics.jsonl')),
    // the first step waits for the compiler
    stepsPerSecond: stepsHere > 1 ? (stepsHere - 1) / secondsSince(firstStepEnded) : null,
    dataWaitFraction: stream.dataWaitFraction(),
    seconds: secondsSince(began),
  }
}
