import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import { wrap } from '../trace/backend.js'
import { scan } from '../trace/scan.js'
import { hiddenScore } from './attention.js'
import type { EdgeInputs, EdgeWeights } from './edges.js'
import { columnSums, product } from './product.js'
import { quickGelu, siluSlope } from './silu.js'

/**
 * What one chunk of receivers sees: index and features of its edges, its receivers' own part, and which edges are real.
 */
interface Chunk {
  readonly index: Tensor
  readonly received: Tensor
  readonly features: Tensor
  readonly real: Tensor | undefined
}

/** Gradients, in the shapes of what they belong to; `sent` is that of every edge's sender, `[rows * k, width]`. */
export interface EdgeGradients {
  readonly sent: Tensor
  readonly received: Tensor
  readonly features: Tensor
  readonly edge: Tensor
  readonly w: Tensor
  readonly b: Tensor
  readonly attention: Tensor | undefined
}

/** Messages of all receivers, chunk by chunk. Nothing of a chunk is kept. */
export function forwardChunks(inputs: EdgeInputs, p: EdgeWeights, chunks: number): Tensor {
  const { stacked } = scan([], inChunks(inputs, chunks), sharedOf(inputs, p), (_, slices) => {
    const chunk = chunkOf(slices.map(wrap))
    const { message } = messagesOf(inputs.senders, chunk, p)
    return { states: [], stacked: [gathered(message, sharesOf(message, chunk, p))] }
  })
  return wrap(stacked[0]).reshape(inputs.received.shape)
}

/** Gradients of all, each chunk's messages made again; sums of the weights' gradients in the order of the chunks. */
export function backwardChunks(inputs: EdgeInputs, p: EdgeWeights, chunks: number, dy: Tensor): EdgeGradients {
  const [rows, width] = inputs.received.shape
  const k = inputs.index.shape[1]!
  const weights = [p.edge, p.w, p.b, ...(p.attention ? [p.attention] : [])]
  const mapped = [...inChunks(inputs, chunks), dy.reshape([chunks, rows / chunks, width])]
  const { states, stacked } = scan(
    weights.map(w => tf.zeros(w.shape)),
    mapped,
    sharedOf(inputs, p),
    (sums, slices) => {
      const chunk = chunkOf(slices.slice(0, -1).map(wrap))
      const found = chunkGradients(inputs.senders, chunk, p, wrap(slices[slices.length - 1]))
      const ofWeights = [found.edge, found.w, found.b, ...(found.attention ? [found.attention] : [])]
      return {
        states: sums.map((sum, i) => wrap(sum).add(ofWeights[i])),
        stacked: [found.sent, found.received, found.features],
      }
    },
  )
  const [edge, w, b, attention] = states.map(wrap)
  const [sent, received, features] = stacked.map(wrap)
  return {
    sent: sent.reshape([rows * k, width]),
    received: received.reshape([rows, width]),
    features: features.reshape(inputs.features.shape),
    edge,
    w,
    b,
    attention,
  }
}

function inChunks({ index, received, features, real }: EdgeInputs, chunks: number): Tensor[] {
  const all = real ? [index, received, features, real] : [index, received, features]
  return all.map(x => x.reshape([chunks, x.shape[0] / chunks, ...x.shape.slice(1)]))
}

function chunkOf([index, received, features, real]: readonly Tensor[]): Chunk {
  return { index, received, features, real }
}

function sharedOf({ senders }: EdgeInputs, { edge, w, b, attention }: EdgeWeights): Tensor[] {
  return [senders, edge, w, b, ...(attention ? [attention] : [])]
}

/** The message network of a chunk; all `[edges, width]`, the messages `[receivers, k, width]`. */
function messagesOf(senders: Tensor, { index, received, features }: Chunk, p: EdgeWeights) {
  const [receivers, k] = index.shape
  const width = received.shape[1]!
  const own = product(features.reshape([receivers * k, -1]), p.edge)
  const joined = senders.gather(index.flatten()).add(own).reshape([receivers, k, width])
  const z1 = joined.add(received.expandDims(1)).reshape([receivers * k, width])
  const y1 = quickGelu(z1)
  const z2 = product(y1, p.w).add(p.b)
  const y2 = quickGelu(z2)
  return { z1, y1, z2, y2, message: y2.reshape([receivers, k, width]) }
}

/** The share of each message, `[receivers, k]`; nothing where they are averaged and all real. */
function sharesOf(message: Tensor, { real }: Chunk, { attention }: EdgeWeights): Tensor | undefined {
  const [receivers, k, width] = message.shape
  if (attention) {
    const logits = product(message.reshape([receivers * k, width]), attention).reshape([receivers, k])
    return real ? logits.add(real.sub(1).mul(-hiddenScore)).softmax().mul(real) : logits.softmax()
  }
  return real?.div(real.sum(1, true).maximum(1))
}

function gathered(message: Tensor, shares: Tensor | undefined): Tensor {
  return shares ? product(shares.expandDims(1), message).squeeze([1]) : message.mean(1)
}

function chunkGradients(senders: Tensor, chunk: Chunk, p: EdgeWeights, dy: Tensor): EdgeGradients {
  const { z1, y1, z2, y2, message } = messagesOf(senders, chunk, p)
  const [receivers, k, width] = message.shape
  const slope2 = siluSlope(z2, y2).reshape([receivers, k, width])
  const { dMessage, attention } = throughShares(
    { message, shares: sharesOf(message, chunk, p), real: chunk.real },
    p,
    dy,
  )
  const dz2 = slope2.mul(dMessage).reshape([receivers * k, width])
  const dz1 = product(dz2, p.w, { transB: true }).mul(siluSlope(z1, y1))
  const features = chunk.features.reshape([receivers * k, -1])
  return {
    // as it is: a reshape of what leaves a chunk would be a copy
    sent: dz1,
    received: dz1.reshape([receivers, k, width]).sum(1),
    features: product(dz1, p.edge, { transB: true }).reshape(chunk.features.shape),
    edge: product(features, dz1, { transA: true }),
    w: product(y1, dz2, { transA: true }),
    b: columnSums(dz2),
    attention,
  }
}

/**
 * Gradient of the messages through their mean or weighted sum, broadcastable to `[receivers, k, width]`. With attention
 * the two ways back, share * dy and dLogit * a, are one product of two columns with two rows.
 */
function throughShares(
  { message, shares, real }: { readonly message: Tensor; readonly shares?: Tensor; readonly real?: Tensor },
  { attention }: EdgeWeights,
  dy: Tensor,
) {
  const [receivers, k, width] = message.shape
  const rows = dy.expandDims(1)
  if (!shares) return { dMessage: rows.mul(1 / k), attention: undefined }
  if (!attention) return { dMessage: product(shares.expandDims(2), rows), attention: undefined }
  const dShares = product(message, rows, { transB: true }).squeeze([2])
  const seen = real ? dShares.mul(real) : dShares
  const dLogits = shares.mul(seen.sub(shares.mul(seen).sum(1, true)))
  const column = dLogits.reshape([receivers * k, 1])
  const direction = tf.concat([rows, attention.reshape([1, 1, width]).tile([receivers, 1, 1])], 1)
  return {
    dMessage: product(tf.stack([shares, dLogits], 2), direction),
    attention: product(message.reshape([receivers * k, width]), column, { transA: true }),
  }
}
