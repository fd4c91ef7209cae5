import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import type { ArrayValue, Tree } from '../../core/index.js'
import { asTensor, fixed } from './fixed.js'
import type { Bijection } from './flow.js'
import { zeros } from './parameters.js'

type Params<T> = { readonly lower: T; readonly upper: T; readonly logDiagonal: T }

/** Bound on the logarithm of the diagonal. */
const steepest = 5

/**
 * y = x L U with a unit lower and an upper triangular matrix (Kingma and Dhariwal 2018, arXiv 1807.03039, section 3.2),
 * so that the log-determinant is the sum of the log-diagonal and the inverse two substitutions. Identity at first.
 */
export function invertibleLinear(dim: number): Bijection {
  const below = fixed([dim, dim], (i, j) => (i > j ? 1 : 0))
  const above = fixed([dim, dim], (i, j) => (i < j ? 1 : 0))
  const eye = fixed([dim, dim], (i, j) => (i === j ? 1 : 0))

  function matrices(tree: Tree<Tensor>) {
    const p = tree as Params<Tensor>
    const logDiagonal = p.logDiagonal.div(steepest).tanh().mul(steepest)
    const lower = p.lower.mul(asTensor(below)).add(asTensor(eye))
    const strict = p.upper.mul(asTensor(above))
    const upper = strict.add(asTensor(eye).mul(logDiagonal.exp()))
    return { lower, upper, strict, logDiagonal }
  }
  const repeated = (logDet: Tensor, x: Tensor): Tensor => tf.zeros([x.shape[0]]).add(logDet)

  return {
    name: 'invertible linear',
    dim,
    conditions: 0,
    init: (): Params<ArrayValue> => ({ lower: zeros([dim, dim]), upper: zeros([dim, dim]), logDiagonal: zeros([dim]) }),
    forwardAndLogDet(params, x) {
      const { lower, upper, logDiagonal } = matrices(params)
      return { y: x.matMul(lower.matMul(upper)), logDet: repeated(logDiagonal.sum(), x) }
    },
    inverseAndLogDet(params, y) {
      const { lower, strict, logDiagonal } = matrices(params)
      const axes = Array.from({ length: dim }, (_, i) => i)
      const half = substituted(y, strict, axes, logDiagonal.neg().exp())
      const x = substituted(half, lower.sub(asTensor(eye)), axes.reverse())
      return { x, logDet: repeated(logDiagonal.sum().neg(), y) }
    },
  }
}

/** The x with x (T + D) = y for a strictly triangular T, axis by axis in the order in which they become known. */
function substituted(y: Tensor, strict: Tensor, order: readonly number[], inverseDiagonal?: Tensor): Tensor {
  const [batch, dim] = y.shape
  const found: Tensor[] = []
  let rest = y
  for (const axis of order) {
    const column = rest.slice([0, axis], [batch, 1])
    found[axis] = inverseDiagonal ? column.mul(inverseDiagonal.slice([axis], [1])) : column
    rest = rest.sub(found[axis].mul(strict.slice([axis, 0], [1, dim!])))
  }
  return tf.concat(found, 1)
}
