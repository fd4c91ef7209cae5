import type * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'

/**
 * x W + b over the last axis: x `[…, inputs]`, w `[inputs, outputs]`, b `[outputs]` gives `[…, outputs]`.
 */
export function linear(x: Tensor, w: Tensor, b?: Tensor): Tensor {
  const [inputs, outputs] = w.shape
  const rows = x.reshape([-1, inputs])
  const y = rows.matMul(w as tf.Tensor2D)
  return (b ? y.add(b) : y).reshape([...x.shape.slice(0, -1), outputs])
}
