import type { Tensor } from '@tensorflow/tfjs'
import { type ArrayValue, type Key, normal, type Tree } from '../../core/index.js'
import { readRows, residualCoordinates } from './conditionalDensity.js'
import { divergence } from './divergence.js'
import { residualsGiven } from './linearGaussian.js'
import type { CommonOptions } from './methods/options.js'
import { type NoiseNetwork, noiseNetwork } from './noiseNetwork.js'
import type { PosteriorInZ } from './posteriorInZ.js'
import { type RowProgram, rowProgram } from './rowProgram.js'
import { standardised } from './simulationStatistics.js'
import { standardise } from './standardise.js'

export interface NoiseOptions extends CommonOptions {
  /** of the network that reads x and of the one that moves z; default 64 and twice as much */
  readonly width?: number
  /** residual blocks of either; default 2 and one more */
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
  see(params: Tree<Tensor>, z: Tensor, x: Tensor): { readonly residual: Tensor; readonly summary: Tensor }
}

export function noiseModel(options: NoiseOptions): NoiseModel {
  const { statistics, start = 'linear', width = 64, blocks = 2 } = options
  const { parameters, observations } = statistics
  const summary = options.summary ?? readRows(observations, width, blocks)
  const network = noiseNetwork({ dim: parameters, summary, width: 2 * width, blocks: blocks + 1 })
  const regression = start === 'linear' ? statistics.posterior : undefined
  const coordinates = regression && residualCoordinates(regression, parameters, observations)
  return {
    dim: parameters,
    network,
    init: network.init,
    see(params, z, x) {
      const standard = standardise(statistics, x)
      const residual = coordinates ? coordinates.residual(z, coordinates.centre(standard)) : z
      return { residual, summary: network.summary(params, standard) }
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

/**
 * The posterior in z of a trained field: the residuals that the transport makes, moved and stretched as the regression
 * of x says.
 */
export function noisePosterior(
  params: Tree<ArrayValue>,
  model: NoiseModel,
  options: NoiseOptions,
  program: FieldProgram,
  transport: Transport,
  threads: number,
): PosteriorInZ {
  const { statistics, start = 'linear' } = options
  const { parameters: dim, observations } = statistics
  const shapes = [[1, model.network.outputs], [1]]
  const reading = rowProgram(
    params,
    [],
    [observations],
    (p, _, [x]) => ({ summary: model.network.summary(p, standardise(statistics, x)) }),
    threads,
  )
  const plain = rowProgram(params, shapes, [dim], (p, [seen, at], [r]) => ({ field: program(p, seen, at, r) }), threads)
  const traced = rowProgram(
    params,
    shapes,
    [dim],
    (p, [seen, at], [r]) => ({
      field: program(p, seen, at, r),
      divergence: divergence(rows => program(p, seen, at, rows), r),
    }),
    threads,
  )
  const residualsFor = (x: Float64Array) =>
    residualsGiven(start === 'linear' ? statistics.posterior : undefined, standardised(statistics, x), dim)
  const fieldFor = async (x: Float64Array): Promise<Field> => {
    const { summary } = await reading.run([], [x], 1)
    const seen = { shape: shapes[0], values: Float32Array.from(summary) }
    const run = (step: RowProgram, rows: Float64Array, place: number) =>
      step.run([seen, { shape: [1], values: Float32Array.of(place) }], [rows], rows.length / dim)
    return {
      at: async (rows, place) => (await run(plain, rows, place)).field,
      withDivergence: async (rows, place) => {
        const { field, divergence } = await run(traced, rows, place)
        return { field, divergence }
      },
    }
  }
  return {
    async draw(x, n, key) {
      const noise = Float64Array.from(normal(key, [n, dim]))
      const z = residualsFor(x).back(await transport.draw(await fieldFor(x), noise))
      return { z, logProb: new Float64Array(n).fill(Number.NaN), normalised: true, diagnostics: {} }
    },
    async logProb(x, z) {
      const residuals = residualsFor(x)
      const logs = await transport.logProb(await fieldFor(x), residuals.of(z))
      return logs.map(log => log - residuals.logScale)
    },
    async close() {
      for (const step of [reading, plain, traced]) await step.close()
    },
  }
}
