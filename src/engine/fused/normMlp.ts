import type { Tensor } from '@tensorflow/tfjs'
import { gelu } from './gelu.js'
import { linear } from './linear.js'
import { type NormLinear, normLinear } from './normLinear.js'

export interface NormMlp extends NormLinear {
  /** `[hidden, outputs]` */
  readonly w2: Tensor
  /** `[outputs]` */
  readonly b2: Tensor
}

/** The second half of a transformer block: gelu(normLinear(x)) W2 + b2, with the exact GELU. x `[batch, points, inputs]`. */
export function normMlp(x: Tensor, p: NormMlp): Tensor {
  return linear(gelu(normLinear(x, p)), p.w2, p.b2)
}
