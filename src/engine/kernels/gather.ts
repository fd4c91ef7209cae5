import * as tf from '@tensorflow/tfjs'
import { type DType, ints, node, rawNode } from '../trace/emit.js'
import { filled } from './fill.js'
import { lower } from './lower.js'
import { sizeOf } from './shape.js'

lower<tf.GatherV2Inputs, tf.GatherV2Attrs>('GatherV2', ({ x, indices }, { axis, batchDims }) => {
  const at = tf.util.parseAxisParam(axis, x.shape)[0]
  if (batchDims !== 0) throw new Error('GatherV2 with batchDims')
  const shape = [...x.shape.slice(0, at), ...indices.shape, ...x.shape.slice(at + 1)]
  return node('Gather', [x, indices], { shape, dtype: x.dtype as DType }, { axis: at })
})

lower<tf.UnsortedSegmentSumInputs, tf.UnsortedSegmentSumAttrs>(
  'UnsortedSegmentSum',
  ({ x, segmentIds }, { numSegments }) => {
    const shape = [numSegments, ...x.shape.slice(segmentIds.shape.length)]
    const [ids] = rawNode('Cast', [segmentIds], { to: 7 })
    const [column] = rawNode('Reshape', [ids, ints([sizeOf(segmentIds.shape), 1])])
    return node('ScatterND', [filled(0, shape, 'float32'), column, x], { shape }, { reduction: 'add' })
  },
)
