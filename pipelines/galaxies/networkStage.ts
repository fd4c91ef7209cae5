import type { Trainer } from '../../engine/index.js'
import { type PlacedBatch, train } from '../learn/training.js'
import type { Source } from '../stream/index.js'
import { trainingBatches } from './batches/fieldBatches.js'
import { cropBatch } from './crop.js'
import type { ExampleBatch, ExampleMaker } from './examples.js'
import { galaxiesLoss } from './loss.js'
import { makeNetwork, needsGraph } from './network.js'
import type { TrainStage } from './trainStage.js'

/** What the network's stage leaves, and how fast it went. */
export interface TrainedNetwork {
  readonly trainer?: Trainer
  readonly steps: number
  readonly stepsPerSecond: number | null
  readonly dataWaitFraction: number
  readonly seconds: number
}

/** Trains the network on what the pair score leaves, from the last checkpoint where there is one. */
export async function trainNetwork(stage: TrainStage, maker: ExampleMaker): Promise<TrainedNetwork> {
  const { folder, config, data, split, key, threads, device, context } = stage
  const network = makeNetwork(config, data.box, data.names.length)
  if (!network) return { steps: 0, stepsPerSecond: null, dataWaitFraction: 0, seconds: 0 }
  const { train: settings } = config
  const crop = { core: settings.crop, layers: config.network.layers, box: data.box }
  const cut = (batch: ExampleBatch): ExampleBatch =>
    settings.crop > 0 && needsGraph(config) ? cropBatch(batch, key.split('crop').split(batch.step), crop) : batch
  const batchesFrom = (step: number): Source<PlacedExamples> => {
    const options = {
      key: key.split('batches'),
      indices: split.training,
      batchSize: settings.batch,
      sizes: [data.points],
      names: data.names,
    }
    const made = maker.over(trainingBatches(data, options, step), Math.max(2, threads))
    return async function* (signal) {
      for await (const batch of made(signal)) {
        const { tensors, sigmas } = cut(batch)
        yield { tensors, sigmas, next: {} }
      }
    }
  }
  return train<Record<string, never>, PlacedExamples>(
    {
      label: `training the network, ${settings.steps} steps`,
      path: folder.path,
      resumed: folder.resumed,
      metrics: { path: folder.file('metrics.jsonl'), offset: 0 },
      settings,
      trainer: { threads, device },
      loss: galaxiesLoss(network, config, data.box),
      init: () => network.init(key.split('network')),
      begin: {},
      batches: (_, step) => batchesFrom(step),
      row(measured, { sigmas }) {
        const sum = (name: string) => Array.from(measured[name].values).reduce((a, b) => a + b, 0)
        return {
          sigma: sigmas.reduce((a, b) => a + b, 0) / sigmas.length,
          explained: 1 - sum('residual') / sum('variance'),
        }
      },
    },
    context,
  )
}

interface PlacedExamples extends PlacedBatch<Record<string, never>> {
  readonly sigmas: ExampleBatch['sigmas']
}
