import type * as tf from '@tensorflow/tfjs'
import { node, scalar } from '../trace/emit.js'
import { same, unary } from './elementwise.js'
import { lower } from './lower.js'
import { axisOf } from './shape.js'

unary('Sigmoid', 'Sigmoid')
unary('Tanh', 'Tanh')
unary('Relu', 'Relu')
unary('Elu', 'Elu')
unary('Selu', 'Selu')
unary('Softplus', 'Softplus')

export const relu6 = (x: tf.TensorInfo): tf.TensorInfo => node('Clip', [x, scalar(0), scalar(6)], same(x))
export const leakyRelu = (x: tf.TensorInfo, alpha: number): tf.TensorInfo =>
  node('LeakyRelu', [x], same(x), { alpha: { float: alpha } })
export const prelu = (x: tf.TensorInfo, alpha: tf.TensorInfo): tf.TensorInfo => node('PRelu', [x, alpha], same(x))

lower<tf.Relu6Inputs>('Relu6', ({ x }) => relu6(x))
lower<tf.LeakyReluInputs, tf.LeakyReluAttrs>('LeakyRelu', ({ x }, { alpha }) => leakyRelu(x, alpha))
lower<tf.PreluInputs>('Prelu', ({ x, alpha }) => prelu(x, alpha))

/** dy where y is positive, dy (y + 1) below. */
lower<tf.EluGradInputs>('EluGrad', ({ dy, y }) => {
  const slope = node('Add', [node('Min', [y, scalar(0)], same(y)), scalar(1)], same(y))
  return node('Mul', [dy, slope], same(y))
})

lower<tf.SoftmaxInputs, tf.SoftmaxAttrs>('Softmax', ({ logits }, { dim }) =>
  node('Softmax', [logits], { shape: logits.shape }, { axis: axisOf(dim, logits.shape.length) }),
)
