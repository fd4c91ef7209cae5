import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import type { ArrayValue } from '../../core/index.js'
import { linear } from '../../engine/fused/index.js'
import { zeros } from '../layers/index.js'
import type { EmbeddingSizes } from './embedding.js'

/** Heads of an embedding by default. */
export const poolingHeads = 4

/** What a padded point's logit is lowered by: its share is 0 in float32. */
const hiddenLogit = 1e9

/**
 * A cloud as weighted means of its points: each head weighs all real points by a softmax over them of its own logit
 * (the pooling of Lee et al. 2019, arXiv 1810.00825, section 3.2, with linear keys). Weights of zero, with which it
 * begins, give plain means. As products, not as passes over all points.
 *
 * @param h       `[batch, points, width]`
 * @param weights `[width, heads]`; without it one head, the plain mean
 * @param mask    `[batch, points]`
 * @returns `[batch, heads * width]`; 0 of an empty cloud
 */
export function poolPoints(h: Tensor, weights?: Tensor, mask?: Tensor): Tensor {
  const [batch, points] = h.shape as [number, number, number]
  const real = mask ? mask.reshape([batch, 1, points]) : tf.ones([batch, 1, points])
  const shares = weights ? softShares(h, weights, real) : real.div(real.sum(2, true).maximum(1))
  return shares.matMul(h).reshape([batch, -1])
}

/** The weights that poolPoints begins with; none for the plain mean. */
export function initAttention({ width, heads = poolingHeads }: EmbeddingSizes): { readonly attention?: ArrayValue } {
  return heads > 0 ? { attention: zeros([width, heads]) } : {}
}

/** `[batch, heads, points]` */
function softShares(h: Tensor, weights: Tensor, real: Tensor): Tensor {
  const logits = linear(h, weights).transpose([0, 2, 1])
  return tf.softmax(logits.add(real.sub(1).mul(hiddenLogit))).mul(real)
}
