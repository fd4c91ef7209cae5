import type { Tensor } from '@tensorflow/tfjs'

/**
 * An increasing map of single numbers whose shape `numbers` free parameters set; zeros give the identity. What
 * couplings and autoregressive flows are made of. `x`, `y` and the logarithm of the slope are `[batch, n]`, `shape` is
 * `[batch, n, numbers]`.
 */
export interface Elementwise {
  readonly name: string
  readonly numbers: number
  forward(x: Tensor, shape: Tensor): { readonly y: Tensor; readonly logSlope: Tensor }
  inverse(y: Tensor, shape: Tensor): { readonly x: Tensor; readonly logSlope: Tensor }
}
