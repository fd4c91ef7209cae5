import type { Tensor } from '@tensorflow/tfjs'
import { linear } from './linear.js'

/** Added to the variance, as in PyTorch. */
export const NORM_EPSILON = 1e-5

/** (x - mean) / sqrt(variance + 1e-5) over the last axis (Ba, Kiros and Hinton 2016, arXiv 1607.06450), without gain and bias. */
export function normalise(x: Tensor): Tensor {
  const centred = x.sub(x.mean(-1, true))
  return centred.mul(centred.square().mean(-1, true).add(NORM_EPSILON).rsqrt())
}

export interface NormLinear {
  /** `[inputs]`, or `[batch, 1, inputs]` where a condition sets it for every cloud */
  readonly gain: Tensor
  /** as `gain` */
  readonly shift: Tensor
  /** `[inputs, outputs]` */
  readonly w: Tensor
  /** `[outputs]` */
  readonly b: Tensor
}

/** Layer norm and the linear map after it: (gain * normalise(x) + shift) W + b. x `[batch, points, inputs]`. */
export function normLinear(x: Tensor, p: NormLinear): Tensor {
  return linear(normalise(x).mul(p.gain).add(p.shift), p.w, p.b)
}
