import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import type { Elementwise } from './elementwise.js'

/** Logarithm of the largest stretch: beyond e^5 float32 no longer undoes what it did. */
const steepest = 5

/**
 * y = exp(a) x + b (Dinh, Sohl-Dickstein and Bengio 2017, arXiv 1605.08803, equation 4), with the log-scale a bounded
 * smoothly by a = 5 tanh(raw / 5).
 */
export const affine: Elementwise = {
  name: 'affine',
  numbers: 2,
  forward(x, shape) {
    const { shift, logScale } = read(shape)
    return { y: x.mul(logScale.exp()).add(shift), logSlope: logScale }
  },
  inverse(y, shape) {
    const { shift, logScale } = read(shape)
    return { x: y.sub(shift).mul(logScale.neg().exp()), logSlope: logScale.neg() }
  },
}

function read(shape: Tensor): { shift: Tensor; logScale: Tensor } {
  const [shift, raw] = tf.unstack(shape, 2)
  return { shift, logScale: raw.div(steepest).tanh().mul(steepest) }
}
