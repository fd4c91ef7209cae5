import type { Tensor } from '@tensorflow/tfjs'

/** SiLU, x * sigmoid(x) (Elfwing, Uchibe and Doya 2018, arXiv 1702.03118, equation 1). */
export function silu(x: Tensor): Tensor {
  return x.mul(x.sigmoid())
}
