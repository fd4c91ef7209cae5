import type * as tf from '@tensorflow/tfjs'
import { node } from '../trace/emit.js'
import { unary } from './elementwise.js'
import { lower } from './lower.js'
import { axisOf } from './shape.js'

unary('Sigmoid', 'Sigmoid')
unary('Tanh', 'Tanh')
unary('Relu', 'Relu')
unary('Erf', 'Erf')
unary('Softplus', 'Softplus')

lower<tf.SoftmaxInputs, tf.SoftmaxAttrs>('Softmax', ({ logits }, { dim }) =>
  node('Softmax', [logits], { shape: logits.shape }, { axis: axisOf(dim, logits.shape.length) }),
)
lower<tf.LogSoftmaxInputs, tf.LogSoftmaxAttrs>('LogSoftmax', ({ logits }, { axis }) =>
  node('LogSoftmax', [logits], { shape: logits.shape }, { axis: axisOf(axis, logits.shape.length) }),
)
