import type { Tensor } from '@tensorflow/tfjs'
import { chain } from './chain.js'
import type { Bijection, Flow } from './flow.js'

/**
 * The density of x where the bijections, one after the other, make x a standard normal:
 * log p(x) = log N(f(x)) + log |det df/dx| (Rezende and Mohamed 2015, arXiv 1505.05770, equation 5).
 */
export function flowOf(bijections: readonly Bijection[]): Flow {
  const whole = chain(bijections)
  return {
    name: whole.name,
    dim: whole.dim,
    conditions: whole.conditions,
    init: key => whole.init(key),
    logProb(params, x, condition) {
      const { y, logDet } = whole.forwardAndLogDet(params, x, condition)
      return logNormal(y).add(logDet)
    },
    draw(params, noise, condition) {
      const { x, logDet } = whole.inverseAndLogDet(params, noise, condition)
      return { x, logProb: logNormal(noise).sub(logDet) }
    },
  }
}

/** Log-density of the standard normal, `[batch, dim]` to `[batch]`. */
function logNormal(z: Tensor): Tensor {
  return z
    .square()
    .sum(1)
    .mul(-0.5)
    .sub((z.shape[1]! / 2) * Math.log(2 * Math.PI))
}
