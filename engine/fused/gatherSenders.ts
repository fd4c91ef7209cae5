import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import { chunksFor, isTracing } from '../index.js'
import { wrap } from '../trace/backend.js'
import { scan } from '../trace/scan.js'
import { kept, withGradient } from './withGradient.js'

/**
 * The value of every sender at its receiver: x `[batch, points, channels]`, senders `[batch, points, k]` int32 within
 * the own cloud, gives `[batch, points, k, channels]`.
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
  if (isTracing()) kept(feeds)
  return withGradient([x], x => ({ value: forward(x), gradient: dy => [sumFeeds(dy, feeds)] }))
}

/** What the edges send back: dy `[batch, points, k, channels]` summed at the senders, `[batch, points, channels]`. */
export function sendersGradient(dy: Tensor, senders: Tensor, feeds?: Tensor): Tensor {
  if (feeds) return sumFeeds(dy, feeds)
  const [batch, points, k, channels] = dy.shape
  const index = inBatch(senders, points) as tf.Tensor1D
  return tf
    .unsortedSegmentSum(dy.reshape([batch * points * k, channels]), index, batch * points)
    .reshape([batch, points, channels])
}

/** Rows of gathered edges at once, so that they are summed while still in the processor's cache. */
const rowsPerChunk = 1000

/**
 * Sums the edges that each point feeds, in the order of the table: edges `[batch, points, k, channels]` to
 * `[batch, points, channels]`. A product with the row of what is real sums and leaves the padding out at once.
 */
function sumFeeds(edges: Tensor, feeds: Tensor): Tensor {
  const [batch, points, k, channels] = edges.shape
  const width = feeds.shape[2]!
  const all = edges.reshape([batch * points * k, channels])
  const real = feeds
    .greaterEqual(0)
    .cast('float32')
    .reshape([batch * points, 1, width])
  const index = inBatch(feeds.maximum(tf.scalar(0, 'int32')), points * k).reshape([batch * points, width])
  const sum = (rows: Tensor, index: Tensor, real: Tensor) =>
    real
      .matMul(rows.gather(index.flatten()).reshape([real.shape[0], width, channels]))
      .reshape([real.shape[0], channels])
  if (!isTracing()) return sum(all, index, real).reshape([batch, points, channels])
  const chunks = chunksFor(batch * points, Math.ceil((batch * points * width) / rowsPerChunk))
  const inChunks = [index, real].map(x => x.reshape([chunks, x.shape[0] / chunks, ...x.shape.slice(1)]))
  const { stacked } = scan([], inChunks, [all], (_, [index, real]) => ({
    states: [],
    stacked: [sum(all, wrap(index), wrap(real))],
  }))
  return wrap(stacked[0]).reshape([batch, points, channels])
}

/** Indices within each cloud as indices into the rows of all clouds, flat. */
export function inBatch(index: Tensor, rows: number): Tensor {
  const [batch] = index.shape
  if (batch === 1) return index.flatten()
  const first = Array.from({ length: batch }, (_, b) => b * rows)
  return index.add(tf.tensor3d(first, [batch, 1, 1], 'int32')).flatten()
}
