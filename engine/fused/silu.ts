import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import { emit, isTracing, microsoft } from '../index.js'
import { withGradient } from './withGradient.js'

/**
 * SiLU, y = x s(x) with the sigmoid s (Elfwing, Uchibe and Doya 2018, arXiv 1702.03118, equation 1). Traced it is one
 * node, QuickGelu with alpha 1, and its derivative y + s(x)(1 - y) reuses it.
 */
export function silu(x: Tensor): Tensor {
  if (!isTracing()) return x.mul(x.sigmoid())
  return withGradient([x], x => {
    const y = quickGelu(x)
    return { value: y, gradient: dy => [dy.mul(siluSlope(x, y))] }
  })
}

/** SiLU as one node. Only while tracing. */
export function quickGelu(x: Tensor): Tensor {
  return emit(microsoft('QuickGelu'), [x], [{ shape: x.shape }], { alpha: { float: 1 } })[0]
}

/** dy/dx of silu from x and y. */
export function siluSlope(x: Tensor, y: Tensor): Tensor {
  return y.add(x.sigmoid().mul(tf.sub(1, y)))
}
