import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'

/**
 * The value of every sender at its receiver: x `[batch, points, channels]`, senders `[batch, points, k]` int32 within the own
 * cloud, gives `[batch, points, k, channels]`.
 *
 * @param feeds `[batch, points, width]` int32: the edges (receiver * k + slot) that each point feeds, padded with -1.
 *   With it the gradient is a gather and a sum in a fixed order: exact on any number of threads, where a scatter
 *   of ONNX Runtime loses updates (and in a fixed order, so that training resumes to the same bytes).
 */
export function gatherSenders(x: Tensor, senders: Tensor, feeds?: Tensor): Tensor {
  const [batch, points, channels] = x.shape
  const k = senders.shape[2]!
  const index = inBatch(senders, points)
  const forward = (t: Tensor) =>
    t
      .reshape([batch * points, channels])
      .gather(index)
      .reshape([batch, points, k, channels])
  if (!feeds) return forward(x)
  const exact = tf.customGrad((t: Tensor | tf.GradSaveFunc) => ({
    value: forward(t as Tensor),
    gradFunc: (dy: Tensor) => sumFeeds(dy.reshape([batch, points * k, channels]), feeds),
  }))
  return exact(x)
}

/** Sums the edges that each point feeds: edges `[batch, points * k, channels]` to `[batch, points, channels]`. */
export function sumFeeds(edges: Tensor, feeds: Tensor): Tensor {
  const [batch, count, channels] = edges.shape
  const [, points, width] = feeds.shape
  const real = feeds
    .greaterEqual(0)
    .cast('float32')
    .reshape([batch * points, 1, width])
  const rows = edges.reshape([batch * count, channels]).gather(inBatch(feeds.maximum(tf.scalar(0, 'int32')), count))
  return real.matMul(rows.reshape([batch * points, width, channels])).reshape([batch, points, channels])
}

/** Indices within each cloud as indices into the rows of all clouds, flat. */
function inBatch(index: Tensor, rows: number): tf.Tensor1D {
  const [batch] = index.shape
  if (batch === 1) return index.flatten()
  const first = Array.from({ length: batch }, (_, b) => b * rows)
  return index.add(tf.tensor3d(first, [batch, 1, 1], 'int32')).flatten()
}
