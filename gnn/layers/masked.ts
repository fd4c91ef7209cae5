import type { Tensor } from '@tensorflow/tfjs'
import { gatherSenders } from '../../engine/fused/index.js'

/**
 * Mean over the real points: x `[batch, points, channels]`, mask `[batch, points]`, gives `[batch, 1, channels]`; 0 of
 * an empty cloud.
 */
export function maskedMean(x: Tensor, mask?: Tensor): Tensor {
  if (!mask) return x.mean(1, true)
  const weight = mask.expandDims(2)
  return x.mul(weight).sum(1, true).div(weight.sum(1, true).maximum(1))
}

/** 0 at padded points. */
export function hidePadding(x: Tensor, mask?: Tensor): Tensor {
  return mask ? x.mul(mask.expandDims(2)) : x
}

/** 1 where the sender of an edge is real: `[batch, points, k]`. */
export function realEdges(senders: Tensor, mask?: Tensor): Tensor | undefined {
  return mask ? gatherSenders(mask.expandDims(2), senders).squeeze([3]) : undefined
}
