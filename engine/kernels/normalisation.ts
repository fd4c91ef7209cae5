import type * as tf from '@tensorflow/tfjs'
import { node, scalar } from '../trace/emit.js'
import { add, same } from './elementwise.js'
import { lower } from './lower.js'

type Inputs = Pick<tf.NamedTensorInfoMap, 'x' | 'mean' | 'variance'>
/** `offset` and `scale` may be omitted, which tfjs' own type does not say. */
interface Optional {
  offset?: tf.TensorInfo
  scale?: tf.TensorInfo
}

/** (x - mean) / sqrt(variance + epsilon) scale + offset, all but x per channel (tf.batchNorm). */
lower<Inputs, tf.FusedBatchNormAttrs>('FusedBatchNorm', (inputs, { varianceEpsilon }) => {
  const { x, mean, variance } = inputs
  const { offset, scale } = inputs as Optional
  const deviation = node(
    'Sqrt',
    [node('Add', [variance, scalar(varianceEpsilon ?? 0.001)], same(variance))],
    same(variance),
  )
  const slope = scale
    ? node('Div', [scale, deviation], same(variance))
    : node('Reciprocal', [deviation], same(variance))
  const scaled = node('Mul', [node('Sub', [x, mean], same(x)), slope], same(x))
  return offset ? add(scaled, offset) : scaled
})
