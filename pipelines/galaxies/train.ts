import { existsSync } from 'node:fs'
import { UsageError } from '../../core/index.js'
import { requireDevice, type Trainer } from '../../engine/index.js'
import type { Field } from '../../io/galaxies/field.js'
import {
  diverged,
  inTrainingFolder,
  peakMemory,
  type RunContext,
  type RunFolder,
  secondsSince,
  writeJson,
} from '../run/index.js'
import {
  inOrder,
  measureNormalisation,
  type Normalisation,
  readNormalisation,
  type Split,
  splitBySimulation,
} from '../stream/index.js'
import { type GalaxiesConfig, galaxiesConfig, galaxiesPresets } from './config.js'
import { type GalaxiesData, openGalaxies } from './data.js'
import { type ExampleMaker, exampleMaker } from './examples.js'
import { ladderOf } from './ladderStage.js'
import { marksOf } from './marksStage.js'
import { saveNetwork } from './model.js'
import { writeModelCard } from './modelCard.js'
import { needsGraph, noiseRange } from './network.js'
import { trainNetwork } from './networkStage.js'
import type { TrainOptions } from './options.js'
import { pairLevels } from './pairModel.js'
import { pairScore } from './pairStage.js'
import type { TrainResult } from './trainResult.js'
import { spread, type TrainStage } from './trainStage.js'
import { gainsOf, type LevelShare, validate } from './validate.js'

/** Validation fields that fixed noise is added to; few, because a level's share averages over thousands of points. */
const validationFields = 4

/**
 * `stipple galaxies train`: normalisation from the training split, the pair score in closed form, then the network that
 * learns what the pairs leave. Each stage leaves a file and is not done twice; killed anywhere, `--resume` ends in the
 * same bytes.
 */
export async function trainGalaxies(options: TrainOptions, context: RunContext): Promise<TrainResult> {
  const began = performance.now()
  await requireDevice(options.device)
  const set = [...options.set]
  if (options.network) set.push(`network.kind=${options.network}`)
  if (options.objective) set.push(`objective=${options.objective}`)
  const kind = { subject: 'galaxies', schema: galaxiesConfig, presets: galaxiesPresets }
  return inTrainingFolder(kind, options, set, context, folder => trainIn(folder, options, context, began))
}

async function trainIn(
  folder: RunFolder<GalaxiesConfig>,
  options: TrainOptions,
  context: RunContext,
  began: number,
): Promise<TrainResult> {
  const { config } = folder
  const neighbours = needsGraph(config) ? config.network.neighbours : 0
  const data = await openGalaxies(options.data, config.data.points, neighbours)
  try {
    checkNoise(config, data.box)
    checkLadder(config)
    const key = context.key.split('galaxies')
    const split = limited(splitBySimulation(key, data.count, config.data.validation), config.data.fields)
    // Read before hours of training, not after: what is wrong with them is told now.
    const heldOut = await fieldsAt(data, spread(split.validation, validationFields), context.signal)
    const normalisation = await normalise(folder, data, split, context)
    const stage: TrainStage = {
      folder,
      config,
      data,
      split,
      heldOut,
      normalisation,
      key,
      threads: options.threads,
      device: options.device,
      context,
    }
    const pairsBegan = performance.now()
    const pairs = config.pairs.use ? await pairScore(stage) : undefined
    const ladderBegan = performance.now()
    const ladder = config.ladder.use && pairs ? await ladderOf(stage, pairs) : undefined
    const marksBegan = performance.now()
    const marks = await marksOf(stage, ladder)
    const seconds = {
      pairs: (ladderBegan - pairsBegan) / 1000,
      ladder: (marksBegan - ladderBegan) / 1000,
      marks: secondsSince(marksBegan),
      network: 0,
      validation: 0,
      total: 0,
    }
    const maker = exampleMaker({ config, box: data.box, normalisation, pairs, threads: options.threads })
    try {
      const trained = await trainNetwork(stage, maker)
      seconds.network = trained.seconds
      const validationBegan = performance.now()
      const explained = await explain(stage, maker, trained.trainer)
      seconds.validation = secondsSince(validationBegan)
      const network = trained.trainer && { params: trained.trainer.params('ema'), gains: gainsOf(explained) }
      saveNetwork(folder.file('model.safetensors'), {
        config,
        box: data.box,
        points: data.points,
        normalisation,
        pairs,
        marks,
        network,
      })
      await trained.trainer?.close()
      seconds.total = secondsSince(began)
      const result: TrainResult = {
        run: folder.path,
        steps: trained.steps,
        loss: trained.loss,
        steps_per_second: trained.stepsPerSecond,
        data_wait_fraction: trained.dataWaitFraction,
        peak_rss_mb: peakMemory(),
        seconds,
        explained,
        fields: { training: split.training.length, validation: split.validation.length },
        validation_rows: [...split.validation],
      }
      writeModelCard(folder.file('model-card.md'), options, config, result, normalisation, marks)
      for (const { sigma, pairs: byPairs, total } of explained) {
        context.print(
          `sigma ${sigma.toFixed(1).padStart(6)} Mpc/h  explained ${percent(byPairs)} by pairs, ${percent(total)} in all`,
        )
      }
      context.print(`the model is in ${folder.path}`)
      context.json({ ...result })
      return result
    } finally {
      await maker.close()
    }
  } finally {
    data.close()
  }
}

/** At most `most` training fields, evenly spread; 0 for all. */
function limited(split: Split, most: number): Split {
  return { ...split, training: spread(split.training, most) }
}

function checkLadder({ ladder, pairs, objective }: GalaxiesConfig): void {
  if (!ladder.use || (pairs.use && objective !== 'flow-matching')) return
  throw new UsageError(
    'expected pairs.use=true and an objective of diffusion with ladder.use=true',
    `got pairs.use=${pairs.use} and ${objective}`,
    'a ladder stands on the features of the pair score',
  )
}

function checkNoise(config: GalaxiesConfig, box: number): void {
  const { sigmaMin, sigmaMax } = noiseRange(config, box)
  if (sigmaMin < sigmaMax) return
  throw new UsageError(
    `expected noise.sigmaMin below noise.sigmaMaxOverBox times the box, ${sigmaMax} Mpc/h`,
    `got ${sigmaMin}`,
    'change one of them',
  )
}

async function fieldsAt(data: GalaxiesData, indices: Int32Array, signal: AbortSignal): Promise<Field[]> {
  const fields: Field[] = []
  for await (const { item } of inOrder(data, indices)(signal)) fields.push(item)
  return fields
}

async function normalise(
  folder: RunFolder<GalaxiesConfig>,
  data: GalaxiesData,
  split: Split,
  context: RunContext,
): Promise<Normalisation> {
  const path = folder.file('normalisation.json')
  if (existsSync(path)) return readNormalisation(path)
  const normalisation = await measureNormalisation(inOrder(data, split.training), context.signal)
  writeJson(path, normalisation)
  return normalisation
}

async function explain(
  { config, data, heldOut: fields, key, context }: TrainStage,
  maker: ExampleMaker,
  trainer?: Trainer,
): Promise<LevelShare[]> {
  if (fields.length === 0) return []
  const { sigmaMin, sigmaMax } = noiseRange(config, data.box)
  const shares = await validate({
    fields,
    levels: pairLevels(8, sigmaMin, sigmaMax),
    points: data.points,
    names: data.names,
    key: key.split('validation'),
    maker,
    trainer,
    signal: context.signal,
  })
  const spoilt = shares.find(({ network }) => !Number.isFinite(network))
  if (spoilt) throw diverged(`a network that answers ${spoilt.network} at noise of ${spoilt.sigma} Mpc/h`)
  return shares
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)}%`
}
