import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import { chunksFor, isTracing } from '../index.js'
import { hiddenScore } from './attention.js'
import { backwardChunks, forwardChunks } from './edgeChunks.js'
import type { EdgeGraph, EdgeWeights } from './edges.js'
import { gatherSenders, inBatch, sendersGradient } from './gatherSenders.js'
import { linear } from './linear.js'
import { silu } from './silu.js'
import { kept, withGradient } from './withGradient.js'

/**
 * Edges that go through the processor's cache at once; on a busy machine 1,000 took a sixth less time than 2,000 or
 * 4,000.
 */
export const defaultEdgesPerChunk = 1000

/** What the messages of a layer are made of; each is the layer's own linear map of the points or the edges. */
export interface EdgeMessageInputs {
  /** s, `[batch, points, width]` */
  readonly senders: Tensor
  /** r, `[batch, points, width]` */
  readonly receivers: Tensor
  /** e, `[batch, points, k, edge features]` */
  readonly features: Tensor
}

/**
 * Messages along the edges, gathered at their receivers: m_ij = silu(silu(s_j + r_i + e_ij W_e) W + b), and the mean
 * over the k neighbours j, or sum_j softmax_j(m_ij . a) m_ij with edge attention. Traced, chunks of receivers one after
 * the other, recomputed in the gradient: no array of all messages exists.
 *
 * @param chunks how many chunks; must divide batch * points
 * @returns `[batch, points, width]`
 */
export function edgeMessages(inputs: EdgeMessageInputs, graph: EdgeGraph, p: EdgeWeights, chunks?: number): Tensor {
  return isTracing()
    ? traced(inputs, graph, p, chunks)
    : gatherMessages(eager(inputs, graph, p), graph.real, p.attention)
}

function eager({ senders, receivers, features }: EdgeMessageInputs, graph: EdgeGraph, p: EdgeWeights): Tensor {
  const sent = gatherSenders(senders, graph.senders, graph.feeds)
  const first = silu(sent.add(linear(features, p.edge)).add(receivers.expandDims(2)))
  return silu(linear(first, p.w, p.b))
}

function traced(
  { senders, receivers, features }: EdgeMessageInputs,
  graph: EdgeGraph,
  p: EdgeWeights,
  wanted?: number,
): Tensor {
  const [batch, points, k] = graph.senders.shape
  const rows = batch * points
  const chunks = wanted ?? chunksFor(rows, Math.ceil((rows * k) / defaultEdgesPerChunk))
  const index = kept(inBatch(graph.senders, points).reshape([rows, k]))
  const real = graph.real && kept(graph.real.reshape([rows, k]))
  for (const captured of [graph.senders, ...(graph.feeds ? [graph.feeds] : [])]) kept(captured)
  const given = [senders, receivers, features, p.edge, p.w, p.b, ...(p.attention ? [p.attention] : [])]
  return withGradient(given, (senders, receivers, features, edge, w, b, attention) => {
    const flat = (x: Tensor) => kept(x.reshape([rows, ...x.shape.slice(2)]))
    const inputs = { senders: flat(senders), index, received: flat(receivers), features: flat(features), real }
    const weights = { edge, w, b, attention }
    return {
      value: forwardChunks(inputs, weights, chunks).reshape(receivers.shape),
      gradient: dy => {
        const found = backwardChunks(inputs, weights, chunks, dy)
        const sent = sendersGradient(found.sent.reshape([batch, points, k, -1]), graph.senders, graph.feeds)
        const rest = [found.edge, found.w, found.b, ...(found.attention ? [found.attention] : [])]
        return [sent, found.received.reshape(receivers.shape), found.features.reshape(features.shape), ...rest]
      },
    }
  })
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
    const shares = (real ? logits.add(real.sub(1).mul(-hiddenScore)) : logits).softmax()
    return (real ? shares.mul(real) : shares).expandDims(-1)
  }
  const even = real ? real.div(real.sum(-1, true).maximum(1)) : tf.fill(message.shape.slice(0, -1), 1 / k)
  return even.expandDims(-1)
}
