import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import type { Box } from '../../core/index.js'
import { type LossParts, meanOverPoints, type Predict, pointsOf } from './loss.js'
import { sigmaOfLogSnr } from './sigmas.js'
import { torusPriorKl } from './torus.js'

/** What `torusNoise` drew, as inputs of a program; positions and sigma in the box's unit, variance exploding. */
export interface TorusInput {
  /** x + sigma eps, `[batch, points, dim]`; a periodic network may read it wrapped or not */
  readonly lifted: Tensor
  /** -sigma grad log q(z | x), as `lifted` */
  readonly target: Tensor
  /** -2 log sigma, `[batch]` */
  readonly logSnr: Tensor
  /** d logSnr / dt, `[batch]` */
  readonly slope: Tensor
  /** `[batch, points]`, 1 where a point is real */
  readonly mask?: Tensor
}

/**
 * The diffusion term of the bound on the torus, nats a point: -1/2 E_t [d logSnr/dt |target - predicted|^2], where the
 * network predicts -sigma times the score. It is the relative entropy of the two reverse diffusions (Song et al. 2021,
 * arXiv 2101.09258, theorem 1, with the wrapped kernel's score); `torusConstants` are its other two terms.
 *
 * `clouds` are the term of each cloud; `variance` is that of the target, which falls below the noise's where sigma
 * nears the box.
 */
export function torusLoss(predict: Predict, { lifted, target, logSnr, slope, mask: given }: TorusInput): LossParts {
  const mask = given ?? tf.onesLike(tf.sum(lifted, 2))
  const shown = tf.expandDims(mask, 2)
  const error = tf.mul(shown, tf.sub(predict(lifted, logSnr), target))
  const residual = tf.sum(tf.square(error), [1, 2])
  const weighted = tf.mul(tf.mul(-0.5, slope), residual)
  return {
    loss: meanOverPoints(weighted, mask),
    clouds: tf.div(weighted, pointsOf(mask)),
    residual,
    variance: tf.sum(tf.square(tf.mul(shown, target)), [1, 2]),
  }
}

/**
 * The terms that depend on the ends alone, nats a point: KL to the uniform base, and the reconstruction from N(z_0,
 * sigma_0^2).
 */
export function torusConstants(
  ends: { most: number; least: number },
  box: Box,
): { prior: number; reconstruction: number } {
  const largest = sigmaOfLogSnr(ends.least)
  return {
    prior: box.reduce<number>((sum, length) => sum + torusPriorKl(largest, length ?? Number.NaN), 0),
    reconstruction: (box.length / 2) * (Math.log(2 * Math.PI) + 1 - ends.most),
  }
}
