import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { type ArrayValue, DataError, type Field, type Key, UsageError, WorkError } from '../../core/index.js'
import { makeTrainer, requireDevice, type Trainer, type TrainState } from '../../engine/index.js'
import {
  latestCheckpoint,
  openMetrics,
  openRunFolder,
  type RunContext,
  type RunFolder,
  runSteps,
  saveCheckpoint,
  writeJson,
} from '../run/index.js'
import {
  inOrder,
  measureNormalisation,
  type Normalisation,
  prefetchOverlap,
  readNormalisation,
  type Split,
  splitBySimulation,
  trainingBatches,
} from '../stream/index.js'
import { type GalaxiesConfig, galaxiesConfig, galaxiesPresets } from './config.js'
import { type GalaxiesData, openGalaxies } from './data.js'
import { type ExampleMaker, exampleMaker } from './examples.js'
import { galaxiesLoss } from './loss.js'
import { saveNetwork } from './model.js'
import { writeModelCard } from './modelCard.js'
import { makeNetwork, needsGraph, noiseRange } from './network.js'
import type { TrainOptions } from './options.js'
import { loadPairModel, savePairModel } from './pairFile.js'
import { fitPairModel, type PairModel, pairLevels } from './pairModel.js'
import type { TrainResult } from './trainResult.js'
import { gainsOf, type LevelShare, validate } from './validate.js'

/** The run as its stages see it. */
interface Stage {
  readonly folder: RunFolder<GalaxiesConfig>
  readonly config: GalaxiesConfig
  readonly data: GalaxiesData
  readonly split: Split
  /** validation fields that noise is added to */
  readonly heldOut: readonly Field[]
  readonly normalisation: Normalisation
  readonly key: Key
  readonly threads: number
  readonly device: TrainOptions['device']
  readonly context: RunContext
}

/**
 * `stipple galaxies train`: normalisation from the training split, the pair score in closed form, then the network that learns
 * what the pairs leave. Each stage leaves a file and is not done twice; killed anywhere, `--resume` ends in the same bytes.
 */
export async function trainGalaxies(options: TrainOptions, context: RunContext): Promise<TrainResult> {
  const began = performance.now()
  await requireDevice(options.device)
  const folder = await openFolder(options)
  try {
    return await trainIn(folder, options, context, began)
  } catch (error) {
    // Input that could not be used has begun no run; --out is as it was.
    if (error instanceof DataError || error instanceof UsageError) await folder.abandon()
    throw error
  }
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
    const key = context.key.split('galaxies')
    const split = limited(splitBySimulation(key, data.count, config.data.validation), config.data.fields)
    // Read before hours of training, not after: what is wrong with them is told now.
    const heldOut = await fieldsAt(data, spread(split.validation, validationFields), context.signal)
    const normalisation = await normalise(folder, data, split, context)
    const stage: Stage = {
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
    const seconds = { pairs: since(pairsBegan), network: 0, validation: 0, total: 0 }
    const maker = exampleMaker({ config, box: data.box, normalisation, pairs, threads: options.threads })
    try {
      const trained = await trainNetwork(stage, maker)
      seconds.network = trained.seconds
      const validationBegan = performance.now()
      const explained = await explain(stage, maker, trained.trainer)
      seconds.validation = since(validationBegan)
      const network = trained.trainer && { params: trained.trainer.params('ema'), gains: gainsOf(explained) }
      saveNetwork(folder.file('model.safetensors'), {
        config,
        box: data.box,
        points: data.points,
        normalisation,
        pairs,
        network,
      })
      await trained.trainer?.close()
      seconds.total = since(began)
      const result: TrainResult = {
        run: folder.path,
        steps: trained.steps,
        loss: trained.loss,
        steps_per_second: trained.stepsPerSecond,
        data_wait_fraction: trained.dataWaitFraction,
        peak_rss_mb: Math.round(process.resourceUsage().maxRSS / 1024),
        seconds,
        explained,
        fields: { training: split.training.length, validation: split.validation.length },
        validation_rows: [...split.validation],
      }
      writeModelCard(folder.file('model-card.md'), options, config, result, normalisation)
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

async function openFolder(options: TrainOptions): Promise<RunFolder<GalaxiesConfig>> {
  if (options.objective === 'flow-matching') {
    throw new UsageError(
      'expected --objective vdm, eps, x or v',
      'got flow-matching, which is not built yet',
      'choose one of these',
    )
  }
  const set = [...options.set]
  if (options.network) set.push(`network.kind=${options.network}`)
  if (options.objective) set.push(`objective=${options.objective}`)
  return openRunFolder(
    galaxiesConfig,
    galaxiesPresets,
    { preset: options.preset, file: options.config, set },
    {
      out: options.out ?? '',
      resume: options.resume,
      force: options.force,
      threads: options.threads,
      identity: { subject: 'galaxies', seed: options.seed, data: options.data.map(path => resolve(path)) },
    },
  )
}

/** At most `most` training fields, evenly spread; 0 for all. */
function limited(split: Split, most: number): Split {
  return { ...split, training: spread(split.training, most) }
}

function spread(indices: Int32Array, most: number): Int32Array {
  if (most === 0 || indices.length <= most) return indices
  return Int32Array.from({ length: most }, (_, i) => indices[Math.floor((i * indices.length) / most)])
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

async function pairScore({ folder, config, data, split, key, threads, context }: Stage): Promise<PairModel> {
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

interface Trained {
  readonly trainer?: Trainer
  readonly steps: number
  readonly loss: number | null
  readonly stepsPerSecond: number | null
  readonly dataWaitFraction: number
  readonly seconds: number
}

async function trainNetwork(stage: Stage, maker: ExampleMaker): Promise<Trained> {
  const { folder, config, data, split, key, threads, device, context } = stage
  const network = makeNetwork(config, data.box, data.names.length)
  if (!network) return { steps: 0, loss: null, stepsPerSecond: null, dataWaitFraction: 0, seconds: 0 }
  const { train } = config
  const checkpoint = folder.resumed ? await latestCheckpoint(folder.path, context.log) : undefined
  const trainer = makeTrainer(
    galaxiesLoss(network, config, data.box),
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
    { key: key.split('batches'), indices: split.training, batchSize: train.batch, sizes: [data.points], names: data.names },
    first,
  )
  const stream = prefetchOverlap(maker.over(batches, Math.max(2, threads)), { prefetch: 4, signal: context.signal })
  const metrics = await openMetrics(folder.file('metrics.jsonl'), first)
  const began = performance.now()
  const losses: number[] = []
  let firstStepEnded = 0
  const steps = await runSteps(
    {
      label: `training the network, ${train.steps} steps`,
      from: first,
      steps: train.steps,
      checkpointEvery: train.checkpointEvery,
      batches: stream,
      metrics,
      async step({ tensors, sigmas }, index) {
        const measured = await trainer.step(tensors)
        const loss = measured.loss.values[0]
        const sum = (name: string) => Array.from(measured[name].values).reduce((a, b) => a + b, 0)
        if (!Number.isFinite(loss)) throw diverged(`a loss of ${loss} in step ${index + 1}`)
        losses.push(loss)
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
  await metrics.close()
  const last = losses.slice(-50)
  return {
    trainer,
    steps,
    loss: last.length > 0 ? last.reduce((a, b) => a + b, 0) / last.length : null,
    // the first step waits for the compiler
    stepsPerSecond: losses.length > 1 ? (losses.length - 1) / since(firstStepEnded) : null,
    dataWaitFraction: stream.dataWaitFraction(),
    seconds: since(began),
  }
}

function diverged(got: string): WorkError {
  return new WorkError(
    'expected training to stay finite',
    `got ${got}`,
    'train again with a smaller --set train.learningRate or train.clip',
  )
}

const vectors = ['params', 'm', 'v', 'ema'] as const

function tensorsOf(state: TrainState): Record<string, ArrayValue> {
  return Object.fromEntries(vectors.map(name => [name, { shape: [state[name].length], values: state[name] }]))
}

function stateOf(step: number, tensors: Readonly<Record<string, { readonly values: unknown }>>): TrainState {
  const vector = (name: string) => tensors[name].values as Float32Array
  return { step, params: vector('params'), m: vector('m'), v: vector('v'), ema: vector('ema') }
}

/** Validation fields that fixed noise is added to; few, because a level's share averages over thousands of points. */
const validationFields = 4

async function explain(
  { config, data, heldOut: fields, key, context }: Stage,
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

function since(began: number): number {
  return (performance.now() - began) / 1000
}
