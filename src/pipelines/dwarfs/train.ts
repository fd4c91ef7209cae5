import { DataError, type Dwarf, UsageError } from '../../core/index.js'
import { layoutOf, requireDevice, unflattenValues } from '../../engine/index.js'
import { priorNames } from '../../simulators/index.js'
import { finalLoss, inTrainingFolder, peakMemory, type RunContext, type RunFolder, since } from '../run/index.js'
import { inOrder, splitBySimulation } from '../stream/index.js'
import { type DwarfsConfig, dwarfsConfig, dwarfsPresets } from './config.js'
import { type TrainedMember, trainMember } from './member.js'
import { type DwarfsModel, saveDwarfsModel } from './model.js'
import { writeDwarfsCard } from './modelCard.js'
import { makeDwarfsNetwork } from './network.js'
import type { TrainOptions } from './options.js'
import { dwarfPosterior } from './posterior.js'
import { fitRegion, type TrainedRegion } from './trainedRegion.js'
import { openTrainingData } from './trainingData.js'
import type { TrainResult } from './trainResult.js'
import type { TrainStage } from './trainStage.js'

/** Galaxies whose summaries the region of training is fitted to. */
const regionGalaxies = 8000

/**
 * `stipple dwarfs train`: embedding and flow together, to the largest log-density of the true parameters of simulated galaxies.
 * Killed anywhere, `--resume` ends in the same bytes.
 */
export async function trainDwarfs(options: TrainOptions, context: RunContext): Promise<TrainResult> {
  const began = performance.now()
  await requireDevice(options.device)
  if (options.device !== 'cpu') {
    throw new UsageError('expected --device cpu for dwarfs train', `got ${options.device}`, 'leave it away')
  }
  const kind = { subject: 'dwarfs', schema: dwarfsConfig, presets: dwarfsPresets }
  return inTrainingFolder(kind, options, options.set, context, folder => trainIn(folder, options, context, began))
}

async function trainIn(
  folder: RunFolder<DwarfsConfig>,
  options: TrainOptions,
  context: RunContext,
  began: number,
): Promise<TrainResult> {
  const { config } = folder
  const data = await openTrainingData(options.data, context.signal)
  try {
    if (data.count < 2) {
      throw new DataError('expected at least 2 galaxies', `got ${data.count}`, 'simulate more: stipple dwarfs simulate')
    }
    const key = context.key.split('dwarfs')
    const whole = splitBySimulation(key, data.count, Math.max(config.data.validation, 1e-9))
    // Evenly out of all files, for each has its own kind of galaxies.
    const every = Math.max(1, Math.ceil(whole.validation.length / config.data.validationMost))
    const split = { ...whole, validation: whole.validation.filter((_, i) => i % every === 0) }
    const network = makeDwarfsNetwork(config, data.prior)
    const stage: TrainStage = {
      folder,
      config,
      data,
      prior: data.prior,
      split,
      network,
      key,
      threads: options.threads,
      context,
    }
    const members: TrainedMember[] = []
    for (let member = 0; member < config.train.members; member++) members.push(await trainMember(stage, member))
    const { region, stars } = await describe(stage, members[0])
    const vectors = members.map(({ params }) => params)
    saveDwarfsModel(folder.file('model.safetensors'), { prior: data.prior, region, stars, members: vectors })
    const volume = priorNames.reduce((sum, name) => sum + Math.log(data.prior[name][1] - data.prior[name][0]), 0)
    const result: TrainResult = {
      run: folder.path,
      steps: members.reduce((sum, { steps }) => sum + steps, 0),
      loss: await finalLoss(folder.file('metrics.jsonl')),
      steps_per_second: members[members.length - 1].stepsPerSecond,
      data_wait_fraction: members[members.length - 1].dataWaitFraction,
      peak_rss_mb: peakMemory(),
      seconds: since(began),
      galaxies: { training: split.training.length, validation: split.validation.length },
      stars,
      information: members.map(({ validation }) => validation + volume),
    }
    writeDwarfsCard(folder.file('model-card.md'), options, config, data.prior, result)
    context.print(
      `held-out galaxies are told ${result.information.map(x => x.toFixed(2)).join(', ')} nats beyond the prior; the model is in ${folder.path}`,
    )
    context.json({ ...result })
    return result
  } finally {
    data.close()
  }
}

/** The region of training in the summaries of the first network, and how many stars its galaxies had. */
async function describe(
  stage: TrainStage,
  first: TrainedMember,
): Promise<{ region: TrainedRegion; stars: [number, number] }> {
  const { config, data, split, network, key, prior, threads, context } = stage
  const chosen = split.training.filter((_, i) => i % Math.ceil(split.training.length / regionGalaxies) === 0)
  const params = unflattenValues(first.params, layoutOf(network.init(key)))
  const model: DwarfsModel = {
    config,
    prior,
    network,
    members: [params],
    region: { mean: new Float32Array(), whitening: new Float32Array(), distances: new Float32Array() },
    stars: [0, 0],
  }
  const posterior = dwarfPosterior(model, threads)
  const stars: [number, number] = [Number.POSITIVE_INFINITY, 0]
  const summariesOf = async (indices: Int32Array) => {
    const rows: Float32Array[] = []
    let waiting: Dwarf[] = []
    const flush = async () => {
      rows.push(...(await posterior.summaries(waiting)))
      waiting = []
    }
    for await (const { item } of inOrder(data, indices)(context.signal)) {
      stars[0] = Math.min(stars[0], item.stars)
      stars[1] = Math.max(stars[1], item.stars)
      waiting.push(item)
      if (waiting.length === 512) await flush()
    }
    if (waiting.length > 0) await flush()
    return rows
  }
  try {
    const fitted = await summariesOf(chosen)
    const heldOut = await summariesOf(split.validation)
    if (config.augment.thin > 0) stars[0] = Math.min(stars[0], config.augment.starsLeast)
    return { region: fitRegion(fitted, heldOut), stars }
  } finally {
    await posterior.close()
  }
}
