import * as tf from '@tensorflow/tfjs'
import type { Predict } from '../../../generative/diffusion/index.js'
import type { Mixture } from './mixture.js'

/** The exact noise prediction as a program, for the losses: z of the variance-preserving process. */
export function programOf({ dim, weights, means, sds }: Mixture): Predict {
  return (z, logSnr) => {
    const level = tf.reshape(logSnr, [-1, 1, 1])
    const variance = tf.exp(tf.neg(level))
    const x = tf.div(z, tf.sqrt(tf.sigmoid(level)))
    const parts = weights.map((weight, k) => {
      const total = tf.add(variance, sds[k] ** 2)
      const apart = tf.sum(tf.square(tf.sub(x, tf.tensor1d([...means[k]]))), 2, true)
      const log = tf.sub(Math.log(weight), tf.add(tf.mul(dim / 2, tf.log(total)), tf.div(apart, tf.mul(2, total))))
      return { log, pull: tf.div(tf.sub(x, tf.tensor1d([...means[k]])), total) }
    })
    const chances = tf.softmax(
      tf.concat(
        parts.map(part => part.log),
        2,
      ),
    )
    const pulls = parts.map((part, k) => tf.mul(part.pull, tf.slice(chances, [0, 0, k], [-1, -1, 1])))
    return tf.mul(
      tf.sqrt(variance),
      pulls.reduce((sum, pull) => tf.add(sum, pull)),
    )
  }
}
