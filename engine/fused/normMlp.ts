import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import { emit, isTracing } from '../index.js'
import { gelu } from './gelu.js'
import { linear } from './linear.js'
import {
  fold,
  groupSums,
  groupsOf,
  type NormLinear,
  normalisation,
  normLinear,
  throughNorm,
  unfold,
} from './normLinear.js'
import { columnSums, product } from './product.js'
import { differentiates, kept, withGradient } from './withGradient.js'

export interface NormMlp extends NormLinear {
  /** `[hidden, outputs]` */
  readonly w2: Tensor
  /** `[outputs]` */
  readonly b2: Tensor
}

/**
 * The second half of a transformer block: gelu(normLinear(x)) W2 + b2, with the exact GELU. x `[batch, points,
 * inputs]`.
 */
export function normMlp(x: Tensor, p: NormMlp): Tensor {
  if (!isTracing() || !differentiates()) return linear(gelu(normLinear(x, p)), p.w2, p.b2)
  return traced(x, p)
}

/**
 * With weights scaled by 1/sqrt(2) before the GELU, u = z / sqrt(2), it is y = u (1 + erf u) and its slope (1 + erf u)
 * + 2/sqrt(pi) u exp(-u^2): one Erf, one Exp and no pass for the scaling, which the second product takes as its factor.
 */
function traced(x: Tensor, p: NormMlp): Tensor {
  return withGradient([x, p.gain, p.shift, p.w, p.b, p.w2, p.b2], (x, gain, shift, w, b, w2, b2) => {
    const [groups, count, inputs] = groupsOf(x, gain)
    const [hidden, outputs] = w2.shape
    const { unit, inverse } = kept(normalisation(x.reshape([groups, count, inputs])))
    const folded = fold({ gain, shift, w, b })
    const weight = kept(folded.weight.mul(Math.SQRT1_2))
    const u = kept(product(unit, weight).add(folded.bias.mul(Math.SQRT1_2)))
    const twice = kept(emit('Erf', [u], [{ shape: u.shape }])[0].add(1))
    const y = kept(u.mul(twice).reshape([groups * count, hidden]))
    const out = product(y, w2, { alpha: Math.SQRT1_2 }).add(b2)
    return {
      value: out.reshape([...x.shape.slice(0, -1), outputs]),
      gradient: dOut => {
        const d = dOut.reshape([groups * count, outputs])
        const dy = product(d, w2, { transB: true, alpha: Math.SQRT1_2 }).reshape(u.shape)
        const bell = tf.sub(Math.log(2 / Math.sqrt(Math.PI)), u.square()).exp()
        const du = dy.mul(twice.add(u.mul(bell)))
        const dUnit = product(du, weight, { transB: true })
        const dWeight = product(unit, du, { transA: true, alpha: Math.SQRT1_2 })
        const sums = groupSums(du).mul(Math.SQRT1_2)
        return [
          throughNorm(dUnit, unit, inverse).reshape(x.shape),
          ...unfold({ gain, shift, w, b }, dWeight, sums),
          product(y, d, { transA: true, alpha: Math.SQRT1_2 }),
          columnSums(d),
        ]
      },
    }
  })
}
