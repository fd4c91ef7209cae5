import type { Tensor } from '@tensorflow/tfjs'
import { type ArrayValue, normal, type State, type Tree } from '../../../core/index.js'
import { flowLogProb, gaussianLogProb } from '../../diffusion/likelihood.js'
import { heun } from '../../diffusion/samplers/heun.js'
import { karrasSigmas } from '../../diffusion/sigmas.js'
import { stateOf } from '../../diffusion/state.js'
import type { Method } from '../method.js'
import { type Field, type NoiseOptions, noiseEnsemble, noiseModel, type Transport } from '../noisePosterior.js'
import { posteriorInTheta } from '../posteriorInZ.js'

export interface NpseOptions<O> extends NoiseOptions<O> {
  /** of the draws; default 40 */
  readonly steps?: number
  /** mean and standard deviation of log sigma in training; default -1.2 and 1.5 */
  readonly levels?: readonly [mean: number, sd: number]
}

/** Noise levels in units of the residuals: below the smallest nothing is resolved, above the largest all is noise. */
const smallestSigma = 0.002
const largestSigma = 40

/**
 * Neural posterior score estimation: a denoiser D(r + sigma e; sigma, x) whose score (D - r) / sigma^2 is that of the
 * posterior blurred by sigma (Geffner, Papamakarios and Mnih 2023, arXiv 2209.14249; Sharrock et al. 2022, arXiv
 * 2210.04872), with the preconditioning, levels and Heun's steps of Karras et al. 2022 (arXiv 2206.00364, table 1 with
 * sigma_data = 1, algorithm 1). Densities by the probability-flow ODE with the exact divergence.
 */
export function npseMethod<O>(options: NpseOptions<O>): Method<O> {
  const { parameters, reader, steps = 40, levels: [mean, sd] = [-1.2, 1.5] } = options
  const dim = parameters.names.length
  const model = noiseModel(options)
  /** D of rows at log sigma `[rows]` or `[1]`. */
  const denoise = (params: Tree<Tensor>, seen: Tensor, logSigma: Tensor, rows: Tensor): Tensor => {
    const sigma = logSigma.reshape([-1, 1]).exp()
    const total = sigma.square().add(1)
    const answer = model.network.apply(params, rows.div(total.sqrt()), logSigma, seen)
    return rows.div(total).add(answer.mul(sigma).div(total.sqrt()))
  }
  const sigmas = [...karrasSigmas({ largest: largestSigma, smallest: smallestSigma, steps, toZero: true })]
  const asRows = (state: State) => Float64Array.from(state.values)
  const asState = (rows: ArrayLike<number>): State => stateOf([rows.length / dim, 1, dim], Float32Array.from(rows))
  const denoiser = (field: Field) => async (state: State, sigma: number) =>
    asState(await field.at(asRows(state), Math.log(sigma)))
  const transport: Transport = {
    draw: async (field, noise) => {
      const widest = Math.hypot(largestSigma, 1)
      return asRows(await heun(denoiser(field), asState(noise.map(value => value * widest)), sigmas))
    },
    async logProb(field, residuals) {
      const found = await flowLogProb(denoiser(field), asState(residuals), [smallestSigma, largestSigma], {
        base: gaussianLogProb(Math.hypot(largestSigma, 1)),
        trace: async (state, sigma) => (await field.withDivergence(asRows(state), Math.log(sigma))).divergence,
        tolerance: { absolute: 1e-3, relative: 1e-3 },
      })
      return found.logProb
    },
  }
  const inZ = noiseEnsemble({ model, reader, program: denoise, transport })
  return {
    name: 'npse',
    reader,
    init: model.init,
    noise: (key, rows): Record<string, ArrayValue> => ({
      level: { shape: [rows], values: normal(key.split('level'), rows).map(value => mean + sd * value) },
      noise: { shape: [rows, dim], values: normal(key.split('noise'), [rows, dim]) },
    }),
    loss(params, { z, observation, noise: { level, noise } }) {
      const { residual, summary } = model.see(params, z, observation)
      const sigma = level.reshape([-1, 1]).exp()
      const total = sigma.square().add(1)
      const rows = residual.add(noise.mul(sigma))
      // What F should say, of variance 1 for r ~ N(0, I): (r - rows / total) sqrt(total) / sigma without the division
      // by a small sigma.
      const wanted = residual.mul(sigma).sub(noise).div(total.sqrt())
      const answer = model.network.apply(params, rows.div(total.sqrt()), level, summary)
      return { loss: answer.sub(wanted).square().mean() }
    },
    inZ,
    posterior: (members, how) => posteriorInTheta(parameters, inZ(members, how)),
  }
}
