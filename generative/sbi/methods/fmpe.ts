import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import { type ArrayValue, normal, type Tree, uniform } from '../../../core/index.js'
import { dormandPrince } from '../../matching/dormandPrince.js'
import { logNormalRow } from '../../posterior/standardNormal.js'
import type { Method } from '../method.js'
import { type NoiseOptions, noiseEnsemble, noiseModel, type Transport } from '../noisePosterior.js'
import { posteriorInTheta } from '../posteriorInZ.js'

export interface FmpeOptions<O> extends NoiseOptions<O> {
  /** Times are drawn with density t^(1 / (1 + alpha)), Dax et al., equation 7; default 1 */
  readonly alpha?: number
  /** error of a step of the solver, root mean square over all draws; default 2e-4 */
  readonly tolerance?: number
}

/** log sigma = log((1 - t) / t) is given to the network between these. */
const farthestLevel = 7

/**
 * Flow matching posterior estimation: a velocity that carries N(0, I) at t = 0 to the posterior at t = 1 along straight
 * lines (1 - t) e + t r on average (Dax et al. 2023, arXiv 2305.17161, equations 5 to 7; Lipman et al. 2022, arXiv
 * 2210.02747). Draws and densities by the ODE, densities with the exact divergence.
 *
 * The network F gives what is not known already: for r ~ N(0, I) the best velocity is ((2t - 1) / v) r_t with v = t^2 +
 * (1 - t)^2, and what it leaves has the variance 1 / v; the velocity is ((2t - 1) / v) r_t + F(r_t / sqrt v) / sqrt v
 * and the loss that of F, which begins as 0.
 */
export function fmpeMethod<O>(options: FmpeOptions<O>): Method<O> {
  const { parameters, reader, alpha = 1, tolerance = 2e-4 } = options
  const dim = parameters.names.length
  const model = noiseModel(options)
  const variance = (t: Tensor): Tensor => t.square().add(tf.sub(1, t).square())
  const logSigma = (t: Tensor): Tensor => {
    const safe = t.clipByValue(1e-6, 1 - 1e-6)
    return tf.sub(1, safe).log().sub(safe.log()).clipByValue(-farthestLevel, farthestLevel)
  }
  /** t `[rows]` or `[1]` */
  const velocity = (params: Tree<Tensor>, seen: Tensor, t: Tensor, rows: Tensor): Tensor => {
    const at = t.reshape([-1, 1])
    const spread = variance(at)
    const answer = model.network.apply(params, rows.div(spread.sqrt()), logSigma(t), seen)
    return rows.mul(at.mul(2).sub(1)).div(spread).add(answer.div(spread.sqrt()))
  }
  const transport: Transport = {
    async draw(field, noise) {
      const { y } = await dormandPrince((rows, t) => field.at(Float64Array.from(rows), t), noise, [0, 1], {
        errorOf: error => rootMeanSquare(error) / tolerance,
      })
      return y
    },
    async logProb(field, residuals) {
      const size = residuals.length
      const start = new Float64Array(size + size / dim)
      start.set(residuals)
      const { y } = await dormandPrince(
        async (both, t) => {
          const { field: slope, divergence } = await field.withDivergence(both.slice(0, size), t)
          const whole = new Float64Array(both.length)
          whole.set(slope)
          whole.set(divergence, size)
          return whole
        },
        start,
        [1, 0],
        { errorOf: error => rootMeanSquare(error) / tolerance },
      )
      // log p_1 = log p_0 - integral from 0 to 1 of the divergence; y holds the integral from 1 to 0.
      return y.slice(size).map((change, row) => logNormalRow(y, row, dim) + change)
    },
  }
  const inZ = noiseEnsemble({ model, reader, program: velocity, transport })
  return {
    name: 'fmpe',
    reader,
    init: model.init,
    noise(key, rows): Record<string, ArrayValue> {
      // Times are spread evenly, one in every stretch: a batch sees them all.
      const shift = uniform(key.split('time'), 1)[0]
      const times = Float32Array.from({ length: rows }, (_, i) => ((i + shift) / rows) ** ((1 + alpha) / (2 + alpha)))
      return {
        time: { shape: [rows], values: times },
        start: { shape: [rows, dim], values: normal(key.split('start'), [rows, dim]) },
      }
    },
    loss(params, { z, observation, noise: { time, start } }) {
      const { residual, summary } = model.see(params, z, observation)
      const t = time.reshape([-1, 1])
      const spread = variance(t)
      const rows = start.mul(tf.sub(1, t)).add(residual.mul(t))
      const wanted = residual
        .sub(start)
        .sub(rows.mul(t.mul(2).sub(1)).div(spread))
        .mul(spread.sqrt())
      const answer = model.network.apply(params, rows.div(spread.sqrt()), logSigma(time), summary)
      return { loss: answer.sub(wanted).square().mean() }
    },
    inZ,
    posterior: (members, how) => posteriorInTheta(parameters, inZ(members, how)),
  }
}

function rootMeanSquare(values: Float64Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length)
}
