import { type Box, makeKey, permutation, UsageError, wrapPositions } from '../../core/index.js'
import { type LossProgram, makeTrainer } from '../../engine/index.js'
import { logUniformSigmas, sampleBy, stepsWithin, uniformStart } from '../../generative/diffusion/index.js'
import { coefficientsFor } from '../../generative/pairs/index.js'
import { makePairForce } from '../../gnn/pairs/index.js'
import type { Field } from '../../io/galaxies/field.js'
import { toCloudBatch } from '../../pipelines/galaxies/batches/cloudBatch.js'
import { measureNormalisation, type Normalisation } from '../../pipelines/galaxies/batches/normalisation.js'
import { type GalaxiesConfig, galaxiesConfig } from '../../pipelines/galaxies/config.js'
import { cropBatch } from '../../pipelines/galaxies/crop.js'
import { type ExampleBatch, type ExampleMaker, exampleMaker } from '../../pipelines/galaxies/examples.js'
import { drawFlow, flowOf } from '../../pipelines/galaxies/flow.js'
import { galaxiesLoss } from '../../pipelines/galaxies/loss.js'
import { makeNetwork, noiseRange } from '../../pipelines/galaxies/network.js'
import { fitPairModel, type PairModel } from '../../pipelines/galaxies/pairModel.js'
import { type LevelShare, validate } from '../../pipelines/galaxies/validate.js'
import { correlationFunction, overFields } from '../../statistics/index.js'

/** Fields of the study and what is measured on them. */
export interface StudyData {
  readonly training: readonly Field[]
  readonly held: readonly Field[]
  readonly levels: readonly number[]
  readonly normalisation: Normalisation
  readonly signal: AbortSignal
}

/** A closed form or a network, and what its training cost. */
export interface Measured {
  readonly label: string
  readonly shares: readonly LevelShare[]
  /** processor seconds of fitting or training, all threads of the process */
  readonly seconds: number
  readonly note?: string
}

export async function studyData(training: Field[], held: Field[], levels: readonly number[]): Promise<StudyData> {
  const { signal } = new AbortController()
  const source = async function* () {
    for (const [index, item] of training.entries()) yield { index, epoch: 0, item }
  }
  return { training, held, levels, normalisation: await measureNormalisation(source, signal), signal }
}

export function settings(config: object): GalaxiesConfig {
  return galaxiesConfig.parse(config)
}

/** The pair score (or velocity) of a configuration, fitted at the study's levels with one draw of noise a field. */
export async function fitted(
  data: StudyData,
  label: string,
  config: GalaxiesConfig,
): Promise<Measured & { readonly model: PairModel }> {
  const box = sideOf(data.training[0].box)
  const started = processorSeconds()
  const model = await fitPairModel({
    fields: data.training,
    levels: data.levels,
    gated: config.pairs.gated,
    triples: config.pairs.triples,
    flow: flowOf(config, box),
    draws: 1,
    threads: 1,
  })
  const seconds = processorSeconds() - started
  const maker = makerOf(data, config, model)
  try {
    return { label, model, seconds, shares: await sharesOf(data, maker) }
  } finally {
    await maker.close()
  }
}

export interface NetworkTraining {
  readonly label: string
  readonly config: GalaxiesConfig
  /** the closed form, what it leaves is for the network */
  readonly pairs: PairModel
  /** processor seconds */
  readonly budget: number
}

/**
 * Trains the network of a configuration on what `pairs` leaves, and measures it with the same noise as every other
 * model. The first steps, by which the number of steps within the budget is known, do not count, nor does compiling.
 */
export async function trained(data: StudyData, { label, config, pairs, budget }: NetworkTraining): Promise<Measured> {
  const box = sideOf(data.training[0].box)
  const names = Object.keys(data.training[0].theta)
  const network = makeNetwork(config, box, names.length)
  if (!network)
    throw new UsageError(`expected a configuration with a network for ${label}`, 'got none', 'set network.kind')
  const key = makeKey(5)
  const { train } = config
  const maker = makerOf(data, config, pairs)
  const batchAt = async (step: number): Promise<ExampleBatch> => {
    const rows = Array.from({ length: train.batch }, (_, row) => {
      const at = step * train.batch + row
      const epoch = Math.floor(at / data.training.length)
      return permutation(key.split('order').split(epoch), data.training.length)[at % data.training.length]
    })
    const batch = toCloudBatch(
      rows.map(row => data.training[row]),
      { sizes: [data.training[0].points], names },
    )
    const whole = await maker.make(
      { step, batch, key: key.split('step').split(step), rows: rows.map(index => ({ index, epoch: 0 })) },
      data.signal,
    )
    const crop = { core: train.crop, layers: config.network.layers, box }
    return train.crop > 0 ? cropBatch(whole, key.split('crop').split(step), crop) : whole
  }
  const lossProgram: LossProgram = galaxiesLoss(network, config, box)
  const trainer = (steps: number) =>
    makeTrainer(lossProgram, network.init(key.split('network')), {
      optimiser: { weightDecay: train.weightDecay },
      schedule: { peak: train.learningRate, warmup: Math.min(train.warmup, steps / 5), steps },
      clip: train.clip,
      ema: train.ema,
      threads: 1,
    })
  const pace = trainer(100)
  const warm = 3
  let began = 0
  for (let step = 0; step < 2 * warm; step++) {
    if (step === warm) began = processorSeconds()
    await pace.step((await batchAt(step)).tensors)
  }
  const secondsPerStep = (processorSeconds() - began) / warm
  await pace.close()
  const steps = Math.max(10, Math.round(budget / secondsPerStep))
  const real = trainer(steps)
  try {
    began = processorSeconds()
    for (let step = 0; step < steps; step++) await real.step((await batchAt(step)).tensors)
    const seconds = processorSeconds() - began
    const shares = await validate({ ...validation(data), maker, trainer: real })
    return { label, shares, seconds, note: `${steps} steps of ${secondsPerStep.toFixed(2)} s` }
  } finally {
    await real.close()
    await maker.close()
  }
}

/**
 * Correlation function of one field drawn at each held-out cosmology, over that of the simulations, less 1; by the
 * closed form alone.
 */
export async function drawnXi(
  data: StudyData,
  { model, config }: { readonly model: PairModel; readonly config: GalaxiesConfig },
  evaluations: number,
  edges: readonly number[],
): Promise<readonly number[]> {
  const { box: lengths } = data.held[0]
  const box = sideOf(lengths)
  const flow = flowOf(config, box)
  const { sigmaMax } = noiseRange(config, box)
  const force = makePairForce(model.basis)
  const ratios: number[][] = []
  for (const [index, { positions, points, theta }] of data.held.entries()) {
    const key = makeKey(31).split(index)
    const coefficients = coefficientsFor(model.score, theta, true)
    const predict = async (at: Float32Array, sigma: number) =>
      force(at, points, sigma, coefficients(sigma), new Float32Array(3 * points))
    const start = uniformStart(key.split('start'), [1, points, 3], lengths)
    const denoise = async (x: typeof start, sigma: number) => {
      const noise = await predict(x.values, sigma)
      return { shape: x.shape, values: x.values.map((value, i) => value - sigma * noise[i]) }
    }
    const sigmas = logUniformSigmas({
      largest: sigmaMax,
      smallest: data.levels[0],
      steps: stepsWithin('heun', evaluations),
      toZero: true,
    })
    const { state } = flow
      ? await drawFlow(predict, start, flow, { sampler: 'heun', evaluations })
      : await sampleBy('heun', denoise, { noise: start, sigmas, key: key.split('steps') })
    const drawn = correlationFunction(wrapPositions(Float32Array.from(state.values), lengths), lengths, edges)
    const simulated = correlationFunction(positions, lengths, edges)
    ratios.push(Array.from(drawn, (xi, bin) => xi / simulated[bin] - 1))
  }
  return Array.from(overFields(ratios).mean)
}

function makerOf(data: StudyData, config: GalaxiesConfig, pairs: PairModel): ExampleMaker {
  const { normalisation, training } = data
  return exampleMaker({ config, box: sideOf(training[0].box), normalisation, pairs, threads: 1 })
}

function validation({ held, levels, signal }: StudyData) {
  return {
    fields: held,
    levels,
    points: held[0].points,
    names: Object.keys(held[0].theta),
    key: makeKey(99),
    signal,
  }
}

async function sharesOf(data: StudyData, maker: ExampleMaker): Promise<LevelShare[]> {
  return validate({ ...validation(data), maker })
}

function sideOf([side]: Box): number {
  return side ?? Number.NaN
}

function processorSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}
