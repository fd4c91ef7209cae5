import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import { HIDDEN } from './attention.js'
import { gatherSenders } from './gatherSenders.js'
import { linear } from './linear.js'
import { silu } from './silu.js'

export interface EdgeGraph {
  /** `[batch, points, k]` int32 */
  readonly senders: Tensor
  /** `[batch, points, width]` int32, see gatherSenders */
  readonly feeds?: Tensor
  /** `[batch, points, k]` float32: 0 where the sender is padding */
  readonly real?: Tensor
}

export interface EdgeWeights {
  /** `[edge features, width]` */
  readonly edge: Tensor
  /** `[width, width]` */
  readonly w: Tensor
  /** `[width]` */
  readonly b: Tensor
  /** `[width, 1]`: edge attention; without it the messages are averaged */
  readonly attention?: Tensor
}

/**
 * Messages along the edges, gathered at their receivers: m_ij = silu(silu(s_j + r_i + e_ij W_e) W + b), and the mean over the k
 * neighbours j, or sum_j softmax_j(m_ij . a) m_ij with edge attention.
 *
 * @param senders    s, `[batch, points, width]`
 * @param receivers  r, `[batch, points, width]`
 * @param features   e, `[batch, points, k, edge features]`
 * @returns `[batch, points, width]`
 */
export function edgeMessages(
  senders: Tensor,
  receivers: Tensor,
  features: Tensor,
  graph: EdgeGraph,
  p: EdgeWeights,
): Tensor {
  const sent = gatherSenders(senders, graph.senders, graph.feeds)
  const first = silu(sent.add(linear(features, p.edge)).add(receivers.expandDims(2)))
  const message = silu(linear(first, p.w, p.b))
  return gatherMessages(message, graph.real, p.attention)
}

/** Mean or attention-weighted sum over the k messages of each receiver: `[batch, points, k, width]` to `[batch, points, width]`. */
export function gatherMessages(message: Tensor, real?: Tensor, attention?: Tensor): Tensor {
  return real || attention ? message.mul(edgeShares(message, real, attention)).sum(2) : message.mean(2)
}

/** The share of each of the k messages at its receiver, `[batch, points, k, 1]`; 0 for padding. */
export function edgeShares(message: Tensor, real?: Tensor, attention?: Tensor): Tensor {
  const [batch, points, k] = message.shape
  const valid = real?.reshape([batch, points, k, 1])
  if (attention) {
    const logits = linear(message, attention)
    const hidden = valid ? logits.add(valid.sub(1).mul(-HIDDEN)) : logits
    const shares = hidden.reshape([batch, points, k]).softmax().reshape([batch, points, k, 1])
    return valid ? shares.mul(valid) : shares
  }
  if (!valid) return tf.fill([batch, points, k, 1], 1 / k)
  return valid.div(valid.sum(2, true).maximum(1))
}
