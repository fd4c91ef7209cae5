import { DataError, UsageError } from '../../core/index.js'
import { requireDevice } from '../../engine/index.js'
import { priorNames } from '../../simulators/index.js'
import {
  finalLoss,
  inTrainingFolder,
  peakMemory,
  type RunContext,
  type RunFolder,
  secondsSince,
  type TrainedMember,
} from '../run/index.js'
import { splitBySimulation } from '../stream/index.js'
import { type DwarfsConfig, dwarfsConfig, dwarfsPresets } from './config.js'
import { describeTraining } from './describeTraining.js'
import { trainDwarfMember } from './member.js'
import { saveDwarfsModel } from './model.js'
import { writeDwarfsCard } from './modelCard.js'
import { makeDwarfsNetwork } from './network.js'
import type { TrainOptions } from './options.js'
import { openTrainingData } from './trainingData.js'
import type { TrainResult } from './trainResult.js'
import type { TrainStage } from './trainStage.js'

/**
 * `stipple dwarfs train`: embedding and flow together, to the largest log-density of the true parameters of simulated
 * galaxies. Killed anywhere, `--resume` ends in the same bytes.
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
    for (let member = 0; member < config.train.members; member++) members.push(await trainDwarfMember(stage, member))
    const { region, stars } = await describeTraining(stage, whole, members[0].params)
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
      seconds: secondsSince(began),
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
