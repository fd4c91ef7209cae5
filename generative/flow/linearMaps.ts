import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import type { ArrayValue } from '../../core/index.js'
import { FlowMisfit } from './errors.js'
import { asTensor, fixed } from './fixed.js'
import type { Bijection } from './flow.js'

const noParameters = (): Record<string, ArrayValue> => ({})

/**
 * The axes in another, fixed order: y_i = x_order[i]. As a product with a matrix, which is exact and cheap at any small
 * dimension.
 */
export function permutation(order: readonly number[]): Bijection {
  const dim = order.length
  if ([...order].sort((a, b) => a - b).some((axis, i) => axis !== i)) {
    throw new FlowMisfit(
      'expected every axis once',
      `got the order [${order.join(', ')}]`,
      'give for example [2, 0, 1]',
    )
  }
  const matrix = fixed([dim, dim], (from, to) => (order[to] === from ? 1 : 0))
  const still = (x: Tensor): Tensor => tf.zeros([x.shape[0]])
  return {
    name: 'permutation',
    dim,
    conditions: 0,
    init: noParameters,
    forwardAndLogDet: (_, x) => ({ y: x.matMul(asTensor(matrix)), logDet: still(x) }),
    inverseAndLogDet: (_, y) => ({ x: y.matMul(asTensor(matrix), false, true), logDet: still(y) }),
  }
}

/** y = (x - mean) / scale by statistics that are fixed when the flow is made, so that a row never sees its batch. */
export function standardise(mean: readonly number[], scale: readonly number[]): Bijection {
  const dim = mean.length
  if (scale.length !== dim || !mean.every(Number.isFinite) || !scale.every(s => s > 0 && Number.isFinite(s))) {
    throw new FlowMisfit(
      `expected ${dim} finite means and positive scales`,
      `got means [${mean.join(', ')}], scales [${scale.join(', ')}]`,
      'leave out parameters that do not vary',
    )
  }
  const centre = fixed([dim], i => mean[i])
  const spread = fixed([dim], i => scale[i])
  const logDet = -scale.reduce((sum, s) => sum + Math.log(s), 0)
  return {
    name: 'standardise',
    dim,
    conditions: 0,
    init: noParameters,
    forwardAndLogDet: (_, x) => ({
      y: x.sub(asTensor(centre)).div(asTensor(spread)),
      logDet: tf.fill([x.shape[0]], logDet),
    }),
    inverseAndLogDet: (_, y) => ({
      x: y.mul(asTensor(spread)).add(asTensor(centre)),
      logDet: tf.fill([y.shape[0]], -logDet),
    }),
  }
}
