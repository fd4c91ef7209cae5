import type { Tensor } from '@tensorflow/tfjs'
import { emit, isTracing, microsoft } from '../index.js'
import { withGradient } from './withGradient.js'

/**
 * Exact GELU, x Phi(x) with the normal distribution function (Hendrycks and Gimpel 2016, arXiv 1606.08415, section 2).
 */
export function gelu(x: Tensor): Tensor {
  if (!isTracing()) return x.mul(0.5).mul(x.mul(Math.SQRT1_2).erf().add(1))
  return withGradient([x], x => ({
    value: emit(microsoft('Gelu'), [x], [{ shape: x.shape }])[0],
    // Phi(x) + x phi(x)
    gradient: dy => {
      const distribution = x.mul(Math.SQRT1_2).erf().mul(0.5).add(0.5)
      const density = x
        .square()
        .mul(-0.5)
        .sub(0.5 * Math.log(2 * Math.PI))
        .exp()
      return [dy.mul(distribution.add(x.mul(density)))]
    },
  }))
}
