import type { Tensor } from '@tensorflow/tfjs'
import { type ArrayValue, type Key, normal, type Tree } from '../../core/index.js'
import { type RowProgram, rowProgram } from '../../engine/index.js'
import { residualsGiven } from '../flow/linearGaussian.js'
import { residualCoordinates } from './conditionalDensity.js'
import { divergence } from './divergence.js'
import type { Method } from './method.js'
import type { ReaderOptions } from './methods/options.js'
import { type NoiseNetwork, noiseNetwork } from './noiseNetwork.js'
import { objectProgram } from './objectProgram.js'
import { ensembleInZ, type PosteriorInZ } from './posteriorInZ.js'
import type { MethodReader, ObservationTensors } from './reader.js'

export interface NoiseOptions<O> extends ReaderOptions<O> {
  /** of the network that moves z, twice as wide; default 64 */
  readonly width?: number
  /** its residual blocks, and one more; default 2 */
  readonly blocks?: number
}

/**
 * What velocity and score methods have in common: coordinates in which all begins as N(0, I), a network, and fields
 * that ODE solvers follow.
 */
export interface NoiseModel {
  readonly dim: number
  readonly network: NoiseNetwork
  init(key: Key): Tree<ArrayValue>
  /** The residual coordinates of z, and the summary of x, `[batch, …]`. */
  see(
    params: Tree<Tensor>,
    z: Tensor,
    observation: ObservationTensors,
  ): { readonly residual: Tensor; readonly summary: Tensor }
}

export function noiseModel<O>(options: NoiseOptions<O>): NoiseModel {
  const { parameters, reader, width = 64, blocks = 2 } = options
  const dim = parameters.names.length
  const { summary, start } = reader
  const network = noiseNetwork({ dim, summary, width: 2 * width, blocks: blocks + 1 })
  const coordinates = start && residualCoordinates(start.regression, dim, start.width)
  return {
    dim,
    network,
    init: network.init,
    see(params, z, observation) {
      const residual =
        start && coordinates ? coordinates.residual(z, coordinates.centre(start.numbers(observation))) : z
      return { residual, summary: network.summary(params, observation) }
    },
  }
}

/** A field of residual rows for one x at a place of the path, `[rows, dim]` to `[rows, dim]`. */
export type FieldProgram = (params: Tree<Tensor>, summary: Tensor, at: Tensor, rows: Tensor) => Tensor

export interface Field {
  /** `[n, dim]` */
  at(rows: Float64Array, place: number): Promise<Float64Array>
  /** the field and its divergence, `[n]` */
  withDivergence(rows: Float64Array, place: number): Promise<{ field: Float64Array; divergence: Float64Array }>
}

/** Takes noise along a field to draws, and points back to noise with the logarithm of the change of volume. */
export interface Transport {
  /** residuals `[n, dim]` of standard normal noise */
  draw(field: Field, noise: Float64Array): Promise<Float64Array>
  /** `[n]` nats: log-density of residuals */
  logProb(field: Field, residuals: Float64Array): Promise<Float64Array>
}

/** A method that moves residuals by a field. */
export interface NoiseMethod<O> {
  readonly model: NoiseModel
  readonly reader: MethodReader<O>
  readonly program: FieldProgram
  readonly transport: Transport
}

/** How the trained members of such a method answer, as one. */
export function noiseEnsemble<O>(method: NoiseMethod<O>): Method<O>['inZ'] {
  return (members, { threads }) =>
    ensembleInZ(
      members.map(params => noisePosterior(params, method, threads)),
      method.model.dim,
    )
}

/**
 * The posterior in z of a trained field: the residuals that the transport makes, moved and stretched as the regression
 * of x says.
 */
export function noisePosterior<O>(
  params: Tree<ArrayValue>,
  { model, reader, program, transport }: NoiseMethod<O>,
  threads: number,
): PosteriorInZ<O> {
  const { dim, network } = model
  const shared = [[1, network.outputs], [1]]
  const reading = objectProgram({ params, reader, program: network.summary, threads, fewest: 32 })
  const common = { params, shared, rows: [dim], threads }
  const plain = rowProgram({
    ...common,
    program: (p, { shared: [seen, at], rows: [r] }) => ({ field: program(p, seen, at, r) }),
  })
  const traced = rowProgram({
    ...common,
    program: (p, { shared: [seen, at], rows: [r] }) => ({
      field: program(p, seen, at, r),
      divergence: divergence(rows => program(p, seen, at, rows), r),
    }),
  })
  const { start } = reader
  const residualsFor = (observation: O) =>
    residualsGiven(start?.regression, start?.numbersOf(observation) ?? new Float64Array(), dim)
  const fieldFor = async (observation: O): Promise<Field> => {
    const [summary] = await reading.run([observation])
    const seen = { shape: shared[0], values: summary }
    const run = (step: RowProgram, rows: Float64Array, place: number) => {
      const at = { shape: [1], values: Float32Array.of(place) }
      return step.run({ shared: [seen, at], rows: [rows], n: rows.length / dim })
    }
    return {
      at: async (rows, place) => (await run(plain, rows, place)).field,
      withDivergence: async (rows, place) => {
        const { field, divergence } = await run(traced, rows, place)
        return { field, divergence }
      },
    }
  }
  return {
    async draw(observation, n, key) {
      const noise = Float64Array.from(normal(key, [n, dim]))
      const z = residualsFor(observation).back(await transport.draw(await fieldFor(observation), noise))
      return { z, logProb: new Float64Array(n).fill(Number.NaN), diagnostics: {} }
    },
    async logProb(observation, z) {
      const residuals = residualsFor(observation)
      const logs = await transport.logProb(await fieldFor(observation), residuals.of(z))
      return logs.map(log => log - residuals.logScale)
    },
    summaries: reading.run,
    async close() {
      for (const step of [reading, plain, traced]) await step.close()
    },
  }
}
