import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'

/** The closest that a share may come to 0 and 1: half the spacing of float32 below 1. Its normal number is 5.3. */
const closestShare = 2 ** -24

/** The share of standard normal numbers below x, (1 + erf(x / sqrt 2)) / 2, kept within [2^-24, 1 - 2^-24]. */
export function normalShare(x: Tensor): Tensor {
  return x
    .mul(Math.SQRT1_2)
    .erf()
    .mul(0.5)
    .add(0.5)
    .clipByValue(closestShare, 1 - closestShare)
}

/**
 * The standard normal number below which a share u lies, sqrt 2 erfinv(2 u - 1), for u within [2^-24, 1 - 2^-24]
 * (others are taken for the closest of these). Giles 2012, "Approximating the erfinv function", GPU Computing Gems
 * (Jade), table 5: polynomials for single precision, with a relative error of 4e-7 or less, in w = -log(4 u (1 - u)). A
 * Newton step behind it would add the rounding of erf, and nothing else. The gradient is exact, sqrt(2 pi) exp(z^2 /
 * 2), not that of the polynomials.
 */
export function normalQuantile(u: Tensor): Tensor {
  const quantile = tf.customGrad((...args: (Tensor | tf.GradSaveFunc)[]) => {
    const [given, save] = args as [Tensor, tf.GradSaveFunc]
    const z = polynomials(given.clipByValue(closestShare, 1 - closestShare))
    save([z])
    const gradFunc = (dy: Tensor, [z]: Tensor[]): Tensor =>
      dy.mul(
        z
          .square()
          .div(2)
          .exp()
          .mul(Math.sqrt(2 * Math.PI)),
      )
    return { value: z, gradFunc: (dy: Tensor, saved: Tensor[]) => gradFunc(dy, saved) }
  })
  return quantile(u)
}

function polynomials(u: Tensor): Tensor {
  const rest = tf.sub(1, u)
  const w = u.mul(rest).mul(4).log().neg()
  const near = horner(
    w.minimum(5).sub(2.5),
    [
      2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 0.00021858087, -0.00125372503, -0.00417768164,
      0.246640727, 1.50140941,
    ],
  )
  const far = horner(
    w.maximum(5).sqrt().sub(3),
    [
      -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613, 0.00943887047,
      1.00167406, 2.83297682,
    ],
  )
  const polynomial = tf.where(w.less(5), near, far)
  return polynomial.mul(u.sub(rest)).mul(Math.SQRT2)
}

function horner(x: Tensor, coefficients: readonly number[]): Tensor {
  const [first, second, ...others] = coefficients
  return others.reduce((sum, coefficient) => sum.mul(x).add(coefficient), x.mul(first).add(second))
}
