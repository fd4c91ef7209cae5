import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'

/**
 * The divergence of a field of rows, `[batch, dim]` to `[batch]`, exact, by one reverse pass an axis: for few axes. In
 * a program. A row of the field must know its own row alone.
 */
export function divergence(field: (rows: Tensor) => Tensor, rows: Tensor): Tensor {
  const [batch, dim] = rows.shape as [number, number]
  const slopes = Array.from({ length: dim }, (_, axis) => {
    const gradient = tf.grad((inner: Tensor) => field(inner).slice([0, axis], [batch, 1]).sum())(rows)
    return gradient.slice([0, axis], [batch, 1])
  })
  return tf.concat(slopes, 1).sum(1)
}
