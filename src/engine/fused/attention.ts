import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import { constant, emit, isPortable, isTracing, microsoft, onceInTrace } from '../index.js'
import { product } from './product.js'
import { differentiates, kept, withGradient } from './withGradient.js'

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
  if (!isTracing()) return eager(qkv, heads, mask)
  if (!mask && !differentiates() && !isPortable()) return whole(qkv, heads)
  return withGradient([qkv], qkv => traced(qkv, heads, mask))
}

function eager(qkv: Tensor, heads: number, mask?: Tensor): Tensor {
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

/** One operator of the runtime, without gradient. */
function whole(qkv: Tensor, heads: number): Tensor {
  const [batch, points, three] = qkv.shape
  const [q, k, v] = tf.split(qkv, 3, 2)
  return emit('MultiHeadAttention', [q, k, v], [{ shape: [batch, points, three / 3] }], { num_heads: heads }, microsoft)[0]
}

/**
 * Whatever would be a pass over all scores is a column more in a product instead: the mask (a key column that a query column of
 * ones meets), and in the gradient dS = P * (dO V^T - rowSum(dO * O)), the row sums (beside dO, against a value column of -1).
 */
function traced(qkv: Tensor, heads: number, mask?: Tensor) {
  const [batch, points, three] = qkv.shape
  const size = three / 3 / heads
  const alpha = 1 / Math.sqrt(size)
  const byHead = [batch, heads, points, size]
  const column = (value: number) =>
    onceInTrace(`column of ${value} ${batch} ${heads} ${points}`, () =>
      constant(new Float32Array(batch * heads * points).fill(value), [batch, heads, points, 1]),
    )
  const split = tf.split(qkv.reshape([batch, points, 3, heads, size]).transpose([2, 0, 3, 1, 4]), 3, 0)
  const [q, k, v] = split.map(part => kept(part.reshape(byHead)))

  const hidden = mask
    ?.sub(1)
    .mul(-HIDDEN / alpha)
    .reshape([batch, 1, points, 1])
    .mul(column(1))
  const scores = hidden
    ? product(tf.concat([q, column(1)], 3), tf.concat([k, hidden], 3), { transB: true, alpha })
    : product(q, k, { transB: true, alpha })
  const shares = kept(scores.softmax())
  const out = kept(product(shares, v))
  return {
    value: out.transpose([0, 2, 1, 3]).reshape([batch, points, heads * size]),
    gradient: (dy: Tensor) => {
      const dOut = dy.reshape([batch, points, heads, size]).transpose([0, 2, 1, 3])
      const along = dOut.mul(out).sum(3, true)
      const dScores = shares.mul(product(tf.concat([dOut, along], 3), tf.concat([v, column(-1)], 3), { transB: true }))
      const dq = product(dScores, k, { alpha })
      const dk = product(dScores, q, { transA: true, alpha })
      const dv = product(shares, dOut, { transA: true })
      const parts = [dq, dk, dv].map(part => part.expandDims(0))
      return [tf.concat(parts, 0).transpose([1, 3, 0, 2, 4]).reshape([batch, points, three])]
    },
  }
}
