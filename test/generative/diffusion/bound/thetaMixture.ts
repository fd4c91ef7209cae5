import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import type { State } from '../../../../core/index.js'
import type { ThetaDenoiser } from '../../../../generative/diffusion/index.js'
import type { Mixture } from '../mixture.js'

/**
 * Two clumps a point, theta = [where they are, logit of the first's weight]: p(x | theta), its denoiser and its
 * gradient are closed forms.
 */
export function mixtureAt(theta: ArrayLike<number>): Mixture {
  const weight = 1 / (1 + Math.exp(-theta[1]))
  return {
    dim: 2,
    weights: [weight, 1 - weight],
    means: [
      [theta[0], 0.5],
      [-1, -theta[0]],
    ],
    sds: [0.5, 0.7],
  }
}

/** d log p / d theta, points summed, by the chances of each clump. */
export function gradientAt(theta: ArrayLike<number>, x: State): [number, number] {
  const { weights, means, sds } = mixtureAt(theta)
  const slope: [number, number] = [0, 0]
  for (let i = 0; i < x.values.length; i += 2) {
    const chances = weights.map((weight, k) => {
      const square = (x.values[i] - means[k][0]) ** 2 + (x.values[i + 1] - means[k][1]) ** 2
      return (weight / sds[k] ** 2) * Math.exp(-square / (2 * sds[k] ** 2))
    })
    const first = chances[0] / (chances[0] + chances[1])
    slope[0] += (first * (x.values[i] - means[0][0])) / sds[0] ** 2
    slope[0] -= ((1 - first) * (x.values[i + 1] - means[1][1])) / sds[1] ** 2
    slope[1] += first - weights[0]
  }
  return slope
}

/** The exact denoiser as a program over rows. */
export const mixtureProgram: ThetaDenoiser = (_, x, sigma, theta) => {
  const column = (tensor: Tensor) => tf.reshape(tensor, [-1, 1, 1])
  const [where, logit] = [0, 1].map(i => column(tf.slice(theta, [0, i], [-1, 1])))
  const spread = tf.square(column(sigma))
  const one = tf.onesLike(where)
  const clumps = [
    { mean: tf.concat([where, tf.mul(0.5, one)], 2), sd: 0.5, log: tf.neg(tf.softplus(tf.neg(logit))) },
    { mean: tf.concat([tf.neg(one), tf.neg(where)], 2), sd: 0.7, log: tf.neg(tf.softplus(logit)) },
  ].map(({ mean, sd, log }) => {
    const variance = tf.add(spread, sd ** 2)
    const away = tf.sub(x, mean)
    const square = tf.div(tf.sum(tf.square(away), 2, true), tf.mul(2, variance))
    return { log: tf.sub(tf.sub(log, tf.log(variance)), square), score: tf.neg(tf.div(away, variance)) }
  })
  const first = tf.sigmoid(tf.sub(clumps[0].log, clumps[1].log))
  const score = tf.add(tf.mul(first, clumps[0].score), tf.mul(tf.sub(1, first), clumps[1].score))
  return tf.add(x, tf.mul(spread, score))
}
