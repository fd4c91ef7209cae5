import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'

/** What a hidden key's score becomes: far enough below any real one that its weight is exactly 0 in float32. */
export const HIDDEN = -1e9

/**
 * Multi-head attention, softmax(Q K^T / sqrt(d)) V (Vaswani et al. 2017, arXiv 1706.03762, equation 1).
 *
 * @param qkv   `[batch, points, 3 * width]`: queries, keys and values side by side, each `heads` blocks of width / heads
 * @param mask  `[batch, points]`, 1 where a point may be looked at
 * @returns `[batch, points, width]`
 */
export function attention(qkv: Tensor, heads: number, mask?: Tensor): Tensor {
  const [batch, points, three] = qkv.shape
  const size = three / 3 / heads
  const [q, k, v] = tf.unstack(qkv.reshape([batch, points, 3, heads, size]).transpose([2, 0, 3, 1, 4]), 0)
  const scores = q.matMul(k, false, true).mul(1 / Math.sqrt(size))
  const seen = mask ? scores.add(mask.sub(1).mul(-HIDDEN).reshape([batch, 1, 1, points])) : scores
  return seen
    .softmax()
    .matMul(v)
    .transpose([0, 2, 1, 3])
    .reshape([batch, points, heads * size])
}
