import { join } from 'node:path'
import {
  type ArrayValue,
  type Box,
  DataError,
  type Denoiser,
  makeKey,
  type Network,
  periodicBox,
  type State,
  ThetaOutOfRange,
  type Tree,
  UsageError,
} from '../../core/index.js'
import {
  type Compiled,
  compile,
  type Device,
  flattenValues,
  isArrayValue,
  layoutOf,
  mapTree,
  type OrtTensor,
  toOrt,
  unflattenValues,
} from '../../engine/index.js'
import { betweenLevels, coefficientsFor } from '../../generative/pairs/index.js'
import { basisIn, makePairForce, makeSurroundings, surroundingsChannels } from '../../gnn/pairs/index.js'
import { readSafetensors, type StoredTensor, writeSafetensors } from '../../io/index.js'
import { finishedRun } from '../run/index.js'
import { type Normalisation, readNormalisation } from './batches/normalisation.js'
import { loadLadder, loadPairModel } from './coefficientFiles.js'
import { type GalaxiesConfig, galaxiesConfig } from './config.js'
import { standardised } from './examples.js'
import type { LadderModel } from './ladderModel.js'
import { loadMarks, type MarksModel } from './marks/index.js'
import { makeNetwork, type NoisedInput, needsGraph, residualNoise, surroundingsBasis } from './network.js'
import { type NoisedCloud, seeCloud } from './noisedCloud.js'
import type { PairModel } from './pairModel.js'

/** How much of the network's prediction is taken at a noise level: what validation found best, in [0, 1]. */
export interface Gain {
  readonly sigma: number
  readonly gain: number
}

/** A trained model of p(positions | theta), and of p(masses, velocities | positions, theta) where its data had them. */
export interface GalaxiesModel {
  readonly config: GalaxiesConfig
  /** side of the periodic box it was trained in, Mpc/h */
  readonly box: number
  /** points a field in training */
  readonly points: number
  readonly normalisation: Normalisation
  readonly pairs?: PairModel
  readonly ladder?: LadderModel
  /** masses and velocities given positions */
  readonly marks?: MarksModel
  readonly network?: { readonly params: Tree<ArrayValue>; readonly gains: readonly Gain[] }
}

/** Writes network and gains; pair score, masses and velocities, and the normalisation are files of their own. */
export function saveNetwork(path: string, model: GalaxiesModel): void {
  writeSafetensors(path, model.network ? namedParams(model.network.params) : {}, {
    box: String(model.box),
    points: String(model.points),
    marks: String(model.marks !== undefined),
    gains: JSON.stringify(model.network?.gains ?? []),
  })
}

function namedParams(params: Tree<ArrayValue>): Record<string, ArrayValue> {
  const layout = layoutOf(params)
  const flat = flattenValues(params, layout)
  let at = 0
  return Object.fromEntries(
    layout.leaves.map(({ path, shape, size }) => {
      at += size
      return [path, { shape, values: flat.slice(at - size, at) }]
    }),
  )
}

/** Parameters by name into the form that the network of this configuration has. */
function paramsOf(tensors: Readonly<Record<string, StoredTensor>>, network: Network, path: string): Tree<ArrayValue> {
  const layout = layoutOf(network.init(makeKey(0)))
  const flat = new Float32Array(layout.size)
  let at = 0
  for (const leaf of layout.leaves) {
    const stored = tensors[leaf.path]
    if (!(stored?.values instanceof Float32Array) || stored.values.length !== leaf.size) {
      throw new DataError(
        `expected ${leaf.path} [${leaf.shape.join(', ')}] in ${path}`,
        `got [${stored?.shape.join(', ') ?? ''}]`,
        'train again with --force',
      )
    }
    flat.set(stored.values, at)
    at += leaf.size
  }
  return unflattenValues(flat, layout)
}

/**
 * The model of a run folder.
 *
 * @throws UsageError where the folder holds no finished run
 * @throws DataError where a file of it is cut short
 */
export async function loadGalaxiesModel(run: string): Promise<GalaxiesModel> {
  const { config, weights: path } = await finishedRun(run, galaxiesConfig)
  const { tensors, metadata } = readSafetensors(path)
  const normalisation = await readNormalisation(join(run, 'normalisation.json'))
  const box = Number(metadata.box)
  if (!(box > 0))
    throw new DataError(`expected ${path} to name its box`, `got ${metadata.box}`, 'train again with --force')
  const pairs = config.pairs.use ? loadPairModel(join(run, 'pairs.safetensors')) : undefined
  const network = makeNetwork(config, box, Object.keys(normalisation.theta).length)
  return {
    config,
    box,
    points: Number(metadata.points),
    normalisation,
    pairs,
    ...(config.ladder.use ? { ladder: loadLadder(join(run, 'ladder.safetensors')) } : {}),
    ...(metadata.marks === 'true' ? { marks: loadMarks(join(run, 'marks.safetensors')) } : {}),
    ...(network && {
      network: { params: paramsOf(tensors, network, path), gains: JSON.parse(metadata.gains) as Gain[] },
    }),
  }
}

/**
 * The range of theta that a model was trained on: that of its training fields, widened by one mean spacing, for the
 * extremes of n draws from a range fall short of its ends by about that.
 */
export function trainedRange({ theta, fields }: Normalisation, name: string): readonly [number, number] {
  const { min, max } = theta[name]
  const spacing = (max - min) / Math.max(1, fields - 1)
  return [min - spacing, max + spacing]
}

/** Refuses theta outside the trained range; each of the model's parameters must have a value. */
export function checkTheta(model: GalaxiesModel, theta: Readonly<Record<string, number>>, extrapolate: boolean): void {
  for (const name of Object.keys(model.normalisation.theta)) {
    const value = theta[name]
    if (value === undefined || !Number.isFinite(value)) {
      throw new UsageError(
        `expected a value of ${name}, which the model was trained with`,
        `got ${value}`,
        `name ${name}`,
      )
    }
    const [low, high] = trainedRange(model.normalisation, name)
    const rounding = 1e-6 * Math.max(Math.abs(low), Math.abs(high))
    if (!extrapolate && (value < low - rounding || value > high + rounding))
      throw new ThetaOutOfRange(name, value, [low, high])
  }
}

/** The noise expected in a cloud `[points, 3]` (lifted, Mpc/h) at a noise level, in units of sigma. */
export type NoisePredictor = (lifted: Float32Array, sigma: number) => Promise<Float32Array>

/**
 * Binds theta, which `checkTheta` has let through: pair score plus the network's share, for clouds of `points` points.
 * Threads are those of onnxruntime. `box` is the side of the clouds' periodic box, default that of training: another
 * one must hold points of about the same number density, for the score knows its surroundings by lengths in Mpc/h and
 * counts.
 */
export async function noisePredictor(
  model: GalaxiesModel,
  theta: Readonly<Record<string, number>>,
  points: number,
  options: { readonly threads: number; readonly device?: Device; readonly box?: number },
): Promise<NoisePredictor> {
  const { config } = model
  const box: Box = periodicBox(options.box ?? model.box)
  const force = model.pairs && makePairForce(basisIn(model.pairs.basis, box))
  const coefficients = model.pairs && coefficientsFor(model.pairs.score, theta, true)
  const predict =
    force && coefficients
      ? (at: Float32Array, count: number, sigma: number) =>
          force(at, count, sigma, coefficients(sigma), new Float32Array(count * 3))
      : undefined
  const surroundings = config.network.surroundings ? makeSurroundings(surroundingsBasis(model.box, box)) : undefined
  const k = needsGraph(config) ? Math.min(config.network.neighbours, points - 1) : 0
  const names = Object.keys(model.normalisation.theta)
  const network = model.network && makeNetwork(config, model.box, names.length)
  let compiled: Compiled | undefined
  let params: Tree<OrtTensor> | undefined
  if (network && model.network) {
    const program = (...inputs: Parameters<Parameters<typeof compile>[0]>) =>
      residualNoise(network, model, inputs[0], inputs[1] as unknown as NoisedInput)
    compiled = await compile(
      program,
      [
        shapesOf(model.network.params),
        inputShapes({
          points,
          k,
          parameters: names.length,
          pairs: predict !== undefined,
          around: surroundings !== undefined,
        }),
      ],
      {
        threads: options.threads,
        device: options.device,
        name: 'residual noise',
      },
    )
    params = mapTree(model.network.params, isArrayValue, value => toOrt(value, 'float32'))
  }
  const thetaValues = standardised(
    Float32Array.from(names, name => theta[name]),
    names,
    model.normalisation,
  )
  return async (lifted, sigma) => {
    const seen = seeCloud(lifted, sigma, { box, points, k, predict, surroundings })
    const noise = seen.pairNoise ?? new Float32Array(points * 3)
    const gain = model.network ? gainAt(model.network.gains, sigma) : 0
    if (!compiled || !params || gain === 0) return noise
    const out = (await compiled.run(params, inputValues(seen, thetaValues))) as OrtTensor
    const residual = out.data as Float32Array
    return noise.map((e, i) => e + gain * residual[i])
  }
}

/** The denoiser of one cloud: D = x - sigma times the expected noise. */
export function denoiserOf(predict: NoisePredictor): Denoiser {
  return async (x: State, sigma: number) => {
    const noise = await predict(x.values, sigma)
    return { shape: x.shape, values: x.values.map((value, i) => value - sigma * noise[i]) }
  }
}

/** Linear in log sigma between the levels of validation, constant beyond. */
function gainAt(gains: readonly Gain[], sigma: number): number {
  if (gains.length === 0) return 1
  const { low, high, share } = betweenLevels(
    gains.map(g => g.sigma),
    sigma,
  )
  return gains[low].gain + share * (gains[high].gain - gains[low].gain)
}

interface InputSizes {
  readonly points: number
  /** neighbours of each; 0 without a graph */
  readonly k: number
  readonly parameters: number
  readonly pairs: boolean
  readonly around: boolean
}

function inputShapes({ points, k, parameters, pairs, around }: InputSizes) {
  const shape = (...lengths: number[]) => ({ shape: lengths })
  const { vectors, scalars } = surroundingsChannels()
  return {
    positions: shape(1, points, 3),
    mask: shape(1, points),
    theta: shape(1, parameters),
    sigma: shape(1),
    ...(pairs ? { pairNoise: shape(1, points, 3) } : {}),
    ...(around ? { surroundings: shape(1, points, 3 * vectors + scalars) } : {}),
    ...(k > 0
      ? { senders: { shape: [1, points, k], dtype: 'int32' as const }, displacements: shape(1, points, k, 3) }
      : {}),
  }
}

function inputValues(seen: NoisedCloud, theta: Float32Array): Record<string, ArrayValue> {
  const { points, graph } = seen
  return {
    positions: { shape: [1, points, 3], values: seen.positions },
    mask: { shape: [1, points], values: seen.mask },
    theta: { shape: [1, theta.length], values: theta },
    sigma: { shape: [1], values: Float32Array.of(seen.sigma) },
    ...(seen.pairNoise ? { pairNoise: { shape: [1, points, 3], values: seen.pairNoise } } : {}),
    ...(seen.surroundings
      ? { surroundings: { shape: [1, points, seen.surroundings.length / points], values: seen.surroundings } }
      : {}),
    ...(graph
      ? {
          senders: { shape: [1, points, graph.k], values: graph.senders },
          displacements: { shape: [1, points, graph.k, 3], values: graph.displacements },
        }
      : {}),
  }
}

function shapesOf(tree: Tree<ArrayValue>) {
  return mapTree(tree, isArrayValue, value => ({ shape: [...value.shape] }))
}
