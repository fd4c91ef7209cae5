import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import { chunksFor, isTracing, mapChunks } from '../index.js'
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

/** Edges that go through the processor's cache at once: a chunk of about 2,000 won in DESIGN.md, section 2. */
const EDGES_PER_CHUNK = 2000

/**
 * Messages along the edges, gathered at their receivers: m_ij = silu(silu(s_j + r_i + e_ij W_e) W + b), and the mean over the k
 * neighbours j, or sum_j softmax_j(m_ij . a) m_ij with edge attention. Traced, chunks of receivers one after the other,
 * recomputed in the gradient: no array of all messages exists.
 *
 * @param senders    s, `[batch, points, width]`
 * @param receivers  r, `[batch, points, width]`
 * @param features   e, `[batch, points, k, edge features]`
 * @param chunks     how many chunks; must divide batch * points
 * @returns `[batch, points, width]`
 */
export function edgeMessages(
  senders: Tensor,
  receivers: Tensor,
  features: Tensor,
  graph: EdgeGraph,
  p: EdgeWeights,
  chunks?: number,
): Tensor {
  const [batch, points, k] = graph.senders.shape
  const width = senders.shape[2]!
  const rows = batch * points
  const sent = gatherSenders(senders, graph.senders, graph.feeds)
  const mapped: Edges = {
    sent: sent.reshape([rows, k, width]),
    received: receivers.reshape([rows, width]),
    features: features.reshape([rows, k, features.shape[3]!]),
    ...(graph.real ? { real: graph.real.reshape([rows, k]) } : {}),
  }
  const weights: Weights = { edge: p.edge, w: p.w, b: p.b, ...(p.attention ? { attention: p.attention } : {}) }
  const messages = isTracing()
    ? mapChunks(chunkMessages, mapped, weights, { chunks: chunks ?? chunksFor(rows, Math.ceil((rows * k) / EDGES_PER_CHUNK)) })
    : chunkMessages(mapped, weights)
  return messages.reshape([batch, points, width])
}

type Edges = { readonly sent: Tensor; readonly received: Tensor; readonly features: Tensor; readonly real?: Tensor }
type Weights = { readonly edge: Tensor; readonly w: Tensor; readonly b: Tensor; readonly attention?: Tensor }

/** `[receivers, k, …]` to `[receivers, width]` */
function chunkMessages({ sent, received, features, real }: Edges, { edge, w, b, attention }: Weights): Tensor {
  const first = silu(sent.add(linear(features, edge)).add(received.expandDims(1)))
  return gatherMessages(silu(linear(first, w, b)), real, attention)
}

/** Mean or attention-weighted sum over the k messages of each receiver: `[…, k, width]` to `[…, width]`. */
export function gatherMessages(message: Tensor, real?: Tensor, attention?: Tensor): Tensor {
  return real || attention ? message.mul(edgeShares(message, real, attention)).sum(-2) : message.mean(-2)
}

/** The share of each of the k messages at its receiver, `[…, k, 1]`; 0 for padding. `real` is `[…, k]`. */
export function edgeShares(message: Tensor, real?: Tensor, attention?: Tensor): Tensor {
  const k = message.shape.at(-2)!
  if (attention) {
    const logits = linear(message, attention).squeeze([-1])
    const shares = (real ? logits.add(real.sub(1).mul(-HIDDEN)) : logits).softmax()
    return (real ? shares.mul(real) : shares).expandDims(-1)
  }
  const even = real ? real.div(real.sum(-1, true).maximum(1)) : tf.fill(message.shape.slice(0, -1), 1 / k)
  return even.expandDims(-1)
}
