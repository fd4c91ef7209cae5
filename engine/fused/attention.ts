import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import { emit, isPortable, isTracing, microsoft } from '../index.js'
import { backwardHeads, forwardHeads } from './attentionChunks.js'
import { type Differentiable, differentiates, kept, withGradient } from './withGradient.js'

/** What a hidden key's score becomes: far enough below any real one that its weight is exactly 0 in float32. */
export const hiddenScore = -1e9

/**
 * Multi-head attention, softmax(Q K^T / sqrt(d)) V (Vaswani et al. 2017, arXiv 1706.03762, equation 1).
 *
 * @param qkv   `[batch, points, 3 * width]`: queries, keys and values side by side, each `heads` blocks of width /
 *   heads
 * @param mask  `[batch, points]`, 1 where a point may be looked at
 * @returns `[batch, points, width]`
 */
export function attention(qkv: Tensor, heads: number, mask?: Tensor): Tensor {
  if (!isTracing()) return eager(qkv, heads, mask)
  if (!mask && !differentiates() && !isPortable()) return whole(qkv, heads)
  return withGradient([qkv], qkv => traced(qkv, heads, mask))
}

function eager(qkv: Tensor, heads: number, mask?: Tensor): Tensor {
  const [batch, points, three] = qkv.shape
  const size = three / 3 / heads
  const [q, k, v] = tf.unstack(qkv.reshape([batch, points, 3, heads, size]).transpose([2, 0, 3, 1, 4]), 0)
  const scores = q.matMul(k, false, true).mul(1 / Math.sqrt(size))
  const seen = mask ? scores.add(mask.sub(1).mul(-hiddenScore).reshape([batch, 1, 1, points])) : scores
  return seen
    .softmax()
    .matMul(v)
    .transpose([0, 2, 1, 3])
    .reshape([batch, points, heads * size])
}

/** One operator of the runtime, without gradient. */
function whole(qkv: Tensor, heads: number): Tensor {
  const [batch, points, three] = qkv.shape
  const [q, k, v] = tf.split(qkv, 3, 2)
  return emit(microsoft('MultiHeadAttention'), [q, k, v], [{ shape: [batch, points, three / 3] }], {
    num_heads: heads,
  })[0]
}

/** The mask is a key column that a query column of ones meets: no pass over all scores. */
function traced(qkv: Tensor, heads: number, mask?: Tensor): Differentiable {
  const [batch, points, three] = qkv.shape
  const size = three / 3 / heads
  const alpha = 1 / Math.sqrt(size)
  const all = batch * heads
  const split = tf.split(qkv.reshape([batch, points, 3, heads, size]).transpose([2, 0, 3, 1, 4]), 3, 0)
  const [q, k, v] = split.map(part => kept(part.reshape([all, points, size])))
  const hidden = mask
    ?.sub(1)
    .mul(-hiddenScore / alpha)
    .reshape([batch, 1, points, 1])
    .tile([1, heads, 1, 1])
  const inputs = hidden
    ? {
        q: kept(tf.concat([q, tf.ones([all, points, 1])], 2)),
        k: kept(tf.concat([k, hidden.reshape([all, points, 1])], 2)),
        v,
      }
    : { q, k, v }
  const out = kept(forwardHeads(inputs, alpha))
  return {
    value: out
      .reshape([batch, heads, points, size])
      .transpose([0, 2, 1, 3])
      .reshape([batch, points, heads * size]),
    gradient: (dy: Tensor) => {
      const dOut = dy.reshape([batch, points, heads, size]).transpose([0, 2, 1, 3]).reshape([all, points, size])
      const found = backwardHeads(inputs, alpha, dOut, dOut.mul(out).sum(2, true))
      const own = (x: Tensor) => (hidden ? tf.split(x, [size, 1], 2)[0] : x)
      const parts = [own(found.q), own(found.k), found.v].map(part => part.reshape([1, batch, heads, points, size]))
      return [tf.concat(parts, 0).transpose([1, 3, 0, 2, 4]).reshape([batch, points, three])]
    },
  }
}
