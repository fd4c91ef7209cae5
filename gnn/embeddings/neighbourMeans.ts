import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import { gatherSenders } from '../../engine/fused/index.js'
import { realEdges } from '../layers/index.js'

/**
 * Up to so many points the means over neighbours are a product with a matrix `[points, points]` a cloud: no array of
 * edges, and a gradient without scatter. Above, edges are gathered.
 */
export const densePoints = 512

/** The share of each sender in its receiver's mean, `[batch, points, k]`: one over the number of its real senders. */
function senderShares(senders: Tensor, mask?: Tensor): Tensor {
  const real = realEdges(senders, mask)
  if (!real) return tf.fill(senders.shape, 1 / senders.shape[2]!)
  return real.div(real.sum(2, true).maximum(1))
}

/** The random-walk matrix D^-1 A, `[batch, points, points]`: row i holds the shares of the senders of point i. */
export function neighbourMatrix(senders: Tensor, mask?: Tensor): Tensor {
  const [batch, points, k] = senders.shape as [number, number, number]
  const starts = tf
    .range(0, batch * points, 1, 'int32')
    .mul(tf.scalar(points, 'int32'))
    .reshape([batch, points, 1])
  const places = senders.add(starts).reshape([batch * points * k, 1])
  const none = tf.zeros([batch * points * points])
  return tf.tensorScatterUpdate(none, places, senderShares(senders, mask).flatten()).reshape([batch, points, points])
}

/** The mean of the senders by gathering them: x `[batch, points, channels]`. */
export function gatheredMeans(x: Tensor, senders: Tensor, mask?: Tensor, feeds?: Tensor): Tensor {
  const [batch, points, channels] = x.shape as [number, number, number]
  const k = senders.shape[2]!
  const shares = senderShares(senders, mask).reshape([batch * points, 1, k])
  const edges = gatherSenders(x, senders, feeds).reshape([batch * points, k, channels])
  return shares.matMul(edges).reshape(x.shape)
}
