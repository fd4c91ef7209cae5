import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import { UsageError } from '../../core/index.js'
import { diffuse } from './kernel.js'
import type { Weighting } from './objectives.js'
import { type Prediction, targetOf } from './parametrisation.js'

/**
 * A network whose parameters, condition, mask and neighbours are bound already: z `[batch, points, channels]` and
 * logSnr `[batch]` to a prediction of z's shape. A loss works with any network.
 */
export type Predict = (z: Tensor, logSnr: Tensor) => Tensor

/** All inputs of a program: drawn outside, so that a trace never freezes a random number. */
export interface LossInput {
  /** `[batch, points, channels]`, in the network's own units */
  readonly x: Tensor
  /** standard normal, as x */
  readonly noise: Tensor
  /** `[batch]` */
  readonly logSnr: Tensor
  /** d logSnr / dt, `[batch]`: needed by the weight `elbo` */
  readonly slope?: Tensor
  /** `[batch, points]`, 1 where a point is real */
  readonly mask?: Tensor
}

export interface LossParts {
  /** scalar: mean over the real points of the batch, each with the same weight */
  readonly loss: Tensor
  /** `[batch]`: mean over each cloud's real points */
  readonly clouds: Tensor
  /** `[batch]`: |eps - eps_hat|^2 and |eps|^2, summed over real points, for `explainedByLevel` */
  readonly residual: Tensor
  readonly variance: Tensor
}

/** The weighted square error of a prediction, averaged over channels. Masked points have no effect. */
export function denoisingLoss(predict: Predict, input: LossInput, kind: Prediction, weighting: Weighting): LossParts {
  const { residual, variance, mask } = noiseError(predict, input, kind)
  const channels = input.x.shape[2] ?? 1
  const weight = tf.div(weightOf(weighting, input), channels)
  return {
    loss: meanOverPoints(tf.mul(weight, residual), mask),
    clouds: tf.div(tf.mul(weight, residual), pointsOf(mask)),
    residual,
    variance,
  }
}

/** |eps - eps_hat|^2 and |eps|^2 of each cloud `[batch]`, and the mask, ones where none is given. */
export function noiseError(
  predict: Predict,
  input: LossInput,
  kind: Prediction,
): { residual: Tensor; variance: Tensor; mask: Tensor } {
  const mask = input.mask ?? tf.onesLike(tf.sum(input.x, 2))
  const shown = tf.expandDims(mask, 2)
  const z = tf.mul(shown, diffuse(input.x, input.noise, input.logSnr))
  const target = targetOf(kind, input.x, input.noise, input.logSnr)
  const error = tf.mul(shown, tf.sub(predict(z, input.logSnr), target))
  const residual = tf.mul(noisePerTarget(kind, input.logSnr), tf.sum(tf.square(error), [1, 2]))
  return { residual, variance: tf.sum(tf.square(tf.mul(shown, input.noise)), [1, 2]), mask }
}

/** Sum over clouds by the number of real points: `[batch]` to a scalar. */
export function meanOverPoints(clouds: Tensor, mask: Tensor): Tensor {
  return tf.div(tf.sum(clouds), tf.maximum(tf.sum(mask), 1))
}

/** Real points of each cloud, at least 1. */
export function pointsOf(mask: Tensor): Tensor {
  return tf.maximum(tf.sum(mask, 1), 1)
}

/** |eps - eps_hat|^2 in units of the square error of the prediction. */
function noisePerTarget(kind: Prediction, logSnr: Tensor): Tensor {
  if (kind === 'eps') return tf.onesLike(logSnr)
  return kind === 'x' ? tf.exp(logSnr) : tf.sigmoid(logSnr)
}

function weightOf(weighting: Weighting, { logSnr, slope }: LossInput): Tensor {
  switch (weighting) {
    case 'simple':
      return tf.onesLike(logSnr)
    case 'x':
      return tf.exp(tf.neg(logSnr))
    case 'v':
      // 1 / alpha^2 = 1 + 1 / SNR
      return tf.add(1, tf.exp(tf.neg(logSnr)))
    case 'elbo':
      if (slope === undefined) {
        throw new UsageError(
          'expected the slope of log SNR for the weight elbo',
          'got none',
          'pass the slope of the schedule',
        )
      }
      return tf.mul(-0.5, slope)
  }
}
