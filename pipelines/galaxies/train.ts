import { existsSync } from 'node:fs'
import { UsageError } from '../../core/index.js'
import { deviceNames } from '../../engine/devices/deviceNames.js'
import type { Trainer } from '../../engine/index.js'
import type { ObjectiveName } from '../../generative/diffusion/objectives.js'
import type { NetworkKind } from '../../gnn/networks/networks.js'
import type { Field } from '../../io/galaxies/index.js'
import type { Learned, Learning, Stage } from '../case.js'
import { diverged } from '../learn/diverged.js'
import { type EmbeddedMethod, embeddedMethods } from '../learn/methodNames.js'
import { type RunContext, type RunFolder, secondsSince, writeJson } from '../run/index.js'
import {
  inOrder,
  measureNormalisation,
  type Normalisation,
  readNormalisation,
  type Split,
  splitBySimulation,
} from '../stream/index.js'
import { cardParts, type GalaxiesFacts } from './card.js'
import { type GalaxiesConfig, galaxiesConfig, galaxiesPresets } from './config.js'
import { type GalaxiesData, openGalaxies } from './data.js'
import { type ExampleMaker, exampleMaker } from './examples.js'
import { planPosterior } from './inference/train.js'
import { ladderOf } from './ladderStage.js'
import { marksOf } from './marksStage.js'
import { saveNetwork } from './model.js'
import { needsGraph, noiseRange } from './network.js'
import { trainNetwork } from './networkStage.js'
import { pairLevels } from './pairModel.js'
import { pairScore } from './pairStage.js'
import { spread, type TrainStage } from './trainStage.js'
import { gainsOf, type LevelShare, validate } from './validate.js'

export interface TrainOptions {
  readonly network?: NetworkKind
  readonly objective?: ObjectiveName | EmbeddedMethod
}

/** Validation fields that fixed noise is added to; few, because a level's share averages over thousands of points. */
const validationFields = 4

/**
 * `stipple galaxies train`: p(halos | cosmology), or with a method of inference as objective p(cosmology | halos). Of
 * the first: normalisation from the training split, the pair score in closed form, then the network that learns what
 * the pairs leave. Each stage leaves a file and is not done twice.
 */
export async function planTraining({ network, objective }: TrainOptions): Promise<Learning> {
  if (isMethod(objective)) return planPosterior(objective, network)
  const set = [
    ...(network === undefined ? [] : [`network.kind=${network}`]),
    ...(objective === undefined ? [] : [`objective=${objective}`]),
  ]
  return { ...learningOfFields, set }
}

/** p(halos | cosmology). */
export const learningOfFields: Learning<unknown, GalaxiesFacts> = {
  schema: galaxiesConfig,
  presets: galaxiesPresets,
  devices: deviceNames,
  learn: stage => learnFields(stage as Stage<GalaxiesConfig>),
}

function isMethod(objective: TrainOptions['objective']): objective is EmbeddedMethod {
  return embeddedMethods.some(method => method === objective)
}

async function learnFields(given: Stage<GalaxiesConfig>): Promise<Learned<GalaxiesFacts>> {
  const { folder, config, threads, device, context } = given
  const neighbours = needsGraph(config) ? config.network.neighbours : 0
  const data = await openGalaxies(given.data, config.data.points, neighbours)
  try {
    checkNoise(config, data.box)
    checkLadder(config)
    const key = context.key.split('galaxies')
    const split = limited(splitBySimulation(key, data.count, config.data.validation), config.data.fields)
    // Read before hours of training, not after: what is wrong with them is reported now.
    const heldOut = await fieldsAt(data, spread(split.validation, validationFields), context.signal)
    const normalisation = await normalise(folder, data, split, context)
    const stage: TrainStage = { folder, config, data, split, heldOut, normalisation, key, threads, device, context }
    const pairsBegan = performance.now()
    const pairs = config.pairs.use ? await pairScore(stage) : undefined
    const ladderBegan = performance.now()
    const ladder = config.ladder.use && pairs ? await ladderOf(stage, pairs) : undefined
    const marksBegan = performance.now()
    const marks = await marksOf(stage, ladder)
    const marksSeconds = secondsSince(marksBegan)
    const maker = exampleMaker({ config, box: data.box, normalisation, pairs, threads })
    try {
      const trained = await trainNetwork(stage, maker)
      const validationBegan = performance.now()
      const explained = await explain(stage, maker, trained.trainer)
      const validation = secondsSince(validationBegan)
      const network = trained.trainer && { params: trained.trainer.params('ema'), gains: gainsOf(explained) }
      const { box, points } = data
      const model = { config, box, points, normalisation, pairs, marks, network }
      saveNetwork(folder.file('model.safetensors'), model)
      await trained.trainer?.close()
      const facts: GalaxiesFacts = {
        seconds: {
          pairs: (ladderBegan - pairsBegan) / 1000,
          ladder: (marksBegan - ladderBegan) / 1000,
          marks: marksSeconds,
          network: trained.seconds,
          validation,
          total: given.seconds(),
        },
        explained,
        fields: { training: split.training.length, validation: split.validation.length },
        validation_rows: [...split.validation],
      }
      const { steps, stepsPerSecond, dataWaitFraction } = trained
      return {
        steps,
        stepsPerSecond,
        dataWaitFraction,
        lines: explained.map(
          ({ sigma, pairs: byPairs, total }) =>
            `sigma ${sigma.toFixed(1).padStart(6)} Mpc/h  explained ${percent(byPairs)} by pairs, ${percent(total)} in all`,
        ),
        json: facts,
        card: {
          title: 'halo fields given cosmology',
          parts: cardParts({ stage: given, facts, steps, normalisation, marks }),
        },
      }
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
