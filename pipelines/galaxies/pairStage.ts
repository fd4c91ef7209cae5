import { existsSync } from 'node:fs'
import type { Field } from '../../io/galaxies/field.js'
import { inOrder } from '../stream/index.js'
import { loadPairModel, savePairModel } from './coefficientFiles.js'
import { flowOf } from './flow.js'
import { noiseRange } from './network.js'
import { fitPairModel, type PairModel, pairLevels } from './pairModel.js'
import { spread, type TrainStage } from './trainStage.js'

/** The pair score of a run: fitted once, then read from its file. */
export async function pairScore({
  folder,
  config,
  data,
  split,
  key,
  threads,
  context,
}: TrainStage): Promise<PairModel> {
  const path = folder.file('pairs.safetensors')
  if (existsSync(path)) return loadPairModel(path)
  const indices = spread(split.training, config.pairs.fields)
  const { sigmaMin, sigmaMax } = noiseRange(config, data.box)
  const fields = async function* (): AsyncGenerator<Field> {
    for await (const { item } of inOrder(data, indices)(context.signal)) yield item
  }
  const progress = context.progress(
    indices.length + config.pairs.levels,
    `fitting the pair score on ${indices.length} fields`,
  )
  try {
    const model = await fitPairModel({
      fields: fields(),
      levels: pairLevels(config.pairs.levels, sigmaMin, sigmaMax),
      gated: config.pairs.gated,
      triples: config.pairs.triples,
      flow: flowOf(config, data.box),
      seed: key.split('pairs').words[0],
      threads,
      signal: context.signal,
      onProgress: () => progress.advance(),
    })
    savePairModel(path, model)
    return model
  } finally {
    progress.stop()
  }
}
