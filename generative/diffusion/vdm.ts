import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import type { EndTensors, LevelTensors } from './learnedSchedule.js'
import { meanOverPoints, noiseError, type Predict, pointsOf } from './loss.js'
import type { Prediction } from './parametrisation.js'

export interface VdmInput {
  /** `[batch, points, channels]`, in the network's own units */
  readonly x: Tensor
  /** standard normal, as x */
  readonly noise: Tensor
  /** at the times of the batch, from a learned schedule or passed in */
  readonly level: LevelTensors
  /** log SNR at t = 0 and t = 1 */
  readonly ends: EndTensors
  /** `[batch, points]`, 1 where a point is real */
  readonly mask?: Tensor
}

/**
 * All in nats a point (summed over channels, averaged over the real points of the batch), for x in the network's units.
 */
export interface VdmLoss {
  /** the negative evidence lower bound: diffusion + prior + reconstruction */
  readonly loss: Tensor
  readonly diffusion: Tensor
  readonly prior: Tensor
  readonly reconstruction: Tensor
  /**
   * `[batch]`: the diffusion term of each cloud; the mean of its square is what a learned schedule's shape minimises
   */
  readonly clouds: Tensor
  /** `[batch]`: |eps - eps_hat|^2 and |eps|^2, summed over real points, for `explainedByLevel` */
  readonly residual: Tensor
  readonly variance: Tensor
}

/**
 * The variational diffusion model in continuous time, Kingma et al. 2021, arXiv 2107.00630, equations 11 and 17:
 * - diffusion: -1/2 E_t [d logSnr/dt |eps - eps_hat|^2];
 * - prior: KL(q(z_1 | x) || N(0, 1)), closed form;
 * - reconstruction: -E log p(x | z_0), p(x | z_0) = N(x; z_0 / alpha_0, sigma_0^2 / alpha_0^2) for continuous data,
 *   whose expectation is (log 2 pi e - logSnr_0) / 2 a channel.
 *
 * The bound's gap, with an exact network: it is the density of x by a decoder that takes z_0 / alpha_0 for the mean,
 * not the denoised state, so per point it is of order sigma_0^2 tr(H) with H the curvature of log p; and at t = 1 the
 * marginal of z_1 is not quite N(0, 1), which costs alpha_1^4 (Var x - 1)^2 / 4 a channel and less.
 */
export function vdmLoss(
  predict: Predict,
  { x, noise, level, ends, mask: given }: VdmInput,
  kind: Prediction = 'eps',
): VdmLoss {
  const input = { x, noise, logSnr: level.logSnr, ...(given === undefined ? {} : { mask: given }) }
  const { residual, variance, mask } = noiseError(predict, input, kind)
  const channels = x.shape[2] ?? 1
  const weighted = tf.mul(tf.mul(-0.5, level.slope), residual)
  const diffusion = meanOverPoints(weighted, mask)
  const prior = meanOverPoints(priorKl(x, ends.least, mask), mask)
  const reconstruction = tf.mul(channels / 2, tf.sub(Math.log(2 * Math.PI) + 1, ends.most))
  return {
    loss: tf.add(tf.add(diffusion, prior), reconstruction),
    diffusion,
    prior,
    reconstruction,
    clouds: tf.div(weighted, pointsOf(mask)),
    residual,
    variance,
  }
}

/**
 * KL(N(alpha x, sigma^2) || N(0, 1)) of each cloud, `[batch]`, nats. With sigma^2 = sigmoid(-logSnr) its log is
 * -softplus(logSnr), which keeps the small difference of sigma^2 - 1 and log sigma^2 in float32.
 */
function priorKl(x: Tensor, least: Tensor, mask: Tensor): Tensor {
  const clean = tf.sigmoid(least)
  const each = tf.mul(0.5, tf.add(tf.mul(clean, tf.square(x)), tf.sub(tf.softplus(least), clean)))
  return tf.sum(tf.mul(tf.expandDims(mask, 2), each), [1, 2])
}
