import type * as tf from '@tensorflow/tfjs'
import { type DType, ints, node, scalar } from '../trace/emit.js'
import { concat, reverse } from './layout.js'
import { lower } from './lower.js'
import { slice } from './slice.js'

lower<tf.PadV2Inputs, tf.PadV2Attrs>('PadV2', ({ x }, { paddings, constantValue }) => {
  const pads = ints([...paddings.map(([before]) => before), ...paddings.map(([, after]) => after)])
  const shape = x.shape.map((length, i) => paddings[i][0] + length + paddings[i][1])
  return node('Pad', [x, pads, scalar(constantValue, x.dtype as DType)], { shape, dtype: x.dtype as DType })
})

/** Axis by axis, the border beside its mirror image. ONNX lacks the symmetric mode, which repeats the edge itself. */
lower<tf.MirrorPadInputs, tf.MirrorPadAttrs>('MirrorPad', ({ x }, { paddings, mode }) => {
  const skip = mode === 'reflect' ? 1 : 0
  return paddings.reduce((padded, [before, after], axis) => {
    const length = padded.shape[axis]
    const mirrored = (start: number, size: number): tf.TensorInfo[] => {
      if (size === 0) return []
      const begin = padded.shape.map((_, i) => (i === axis ? start : 0))
      const sizes = padded.shape.map((full, i) => (i === axis ? size : full))
      return [reverse(slice(padded, begin, sizes), [axis])]
    }
    return concat([...mirrored(skip, before), padded, ...mirrored(length - skip - after, after)], axis)
  }, x)
})
