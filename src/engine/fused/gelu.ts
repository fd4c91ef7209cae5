import type { Tensor } from '@tensorflow/tfjs'

/** Exact GELU, x Phi(x) with the normal distribution function (Hendrycks and Gimpel 2016, arXiv 1606.08415, section 2). */
export function gelu(x: Tensor): Tensor {
  return x.mul(0.5).mul(x.mul(Math.SQRT1_2).erf().add(1))
}
