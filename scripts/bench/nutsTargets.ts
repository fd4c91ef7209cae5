import * as tf from '@tensorflow/tfjs'
import { type Key, normal, type Tree, uniform } from '../../core/index.js'
import {
  compiledTarget,
  type LogDensityWithGradient,
  pointwiseTarget,
  type Target,
} from '../../generative/posterior/index.js'

/** Ten numbers of deviation 1 in a row, neighbours correlated by .95. */
export const gaussian: LogDensityWithGradient = (x, gradient) => {
  const precision = 1 / (1 - 0.95 ** 2)
  let square = x[0] * x[0]
  gradient[0] = -x[0]
  for (let i = 1; i < x.length; i++) {
    const off = x[i] - 0.95 * x[i - 1]
    square += off * off * precision
    gradient[i] = -off * precision
    gradient[i - 1] += 0.95 * off * precision
  }
  return -square / 2
}

const effects = [28, 8, -3, 7, -1, 1, 18, 12]
const noises = [15, 10, 16, 11, 9, 11, 10, 18]

/** Rubin's eight schools, non-centred: mu, log tau, and the offsets; mu ~ N(0, 5^2), tau ~ half Cauchy(5). */
export const eightSchools: LogDensityWithGradient = (x, gradient) => {
  const tau = Math.exp(x[1])
  const ratio = (tau / 5) ** 2
  let log = -((x[0] / 5) ** 2) / 2 + x[1] - Math.log1p(ratio)
  gradient[0] = -x[0] / 25
  gradient[1] = 1 - (2 * ratio) / (1 + ratio)
  for (let j = 0; j < effects.length; j++) {
    const eta = x[2 + j]
    const off = (effects[j] - x[0] - tau * eta) / noises[j]
    const pull = off / noises[j]
    log -= (eta * eta + off * off) / 2
    gradient[0] += pull
    gradient[1] += pull * tau * eta
    gradient[2 + j] = pull * tau - eta
  }
  return log
}

/** x0 ~ N(0, 1), x1 ~ N(x0^2, .5^2). */
export const banana: LogDensityWithGradient = (x, gradient) => {
  const off = (x[1] - x[0] * x[0]) * 4
  gradient[0] = -x[0] + 2 * x[0] * off
  gradient[1] = -off
  return -(x[0] * x[0] + (off * off) / 4) / 2
}

export function targetOf(dim: number, withGradient: LogDensityWithGradient): Target {
  const unused = new Float64Array(dim)
  return pointwiseTarget(dim, x => withGradient(x, unused), withGradient)
}

/** Rows of a logistic regression, `[rows, dim + 1]`: normal inputs, and an answer 0 or 1. */
export function regressionRows(key: Key, rows: number, dim: number): Float32Array {
  const inputs = normal(key.split('inputs'), rows * dim)
  const truth = normal(key.split('truth'), dim)
  const chance = uniform(key.split('answers'), rows)
  const out = new Float32Array(rows * (dim + 1))
  for (let row = 0; row < rows; row++) {
    let logit = 0
    for (let i = 0; i < dim; i++) {
      out[row * (dim + 1) + i] = inputs[row * dim + i]
      logit += 0.5 * truth[i] * inputs[row * dim + i]
    }
    out[row * (dim + 1) + dim] = chance[row] < 1 / (1 + Math.exp(-logit)) ? 1 : 0
  }
  return out
}

/**
 * The posterior of that regression under N(0, 1) each, as one compiled step of value and gradient for all chains. Close
 * it.
 */
export function compiledRegression(rows: Float32Array, dim: number, chains: number, threads: number) {
  const count = rows.length / (dim + 1)
  const inputs = Float32Array.from(
    { length: count * dim },
    (_, at) => rows[Math.floor(at / dim) * (dim + 1) + (at % dim)],
  )
  const answers = Float32Array.from({ length: count }, (_, row) => rows[row * (dim + 1) + dim])
  const logPosterior = (theta: tf.Tensor, given: Tree<tf.Tensor>) => {
    const { a, y } = given as { a: tf.Tensor2D; y: tf.Tensor2D }
    const logits = tf.matMul(theta as tf.Tensor2D, a, false, true)
    // log(1 + e^l), safe at both ends, in operations that onnxruntime vectorises
    const soft = tf.relu(logits).add(tf.log(tf.exp(tf.abs(logits).neg()).add(1)))
    return logits.mul(y).sub(soft).sum(1).sub(theta.square().sum(1).mul(0.5))
  }
  const given = { a: { shape: [count, dim], values: inputs }, y: { shape: [1, count], values: answers } }
  return compiledTarget(dim, logPosterior, given, { threads, rows: chains })
}
