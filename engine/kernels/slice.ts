import * as tf from '@tensorflow/tfjs'
import { type DType, ints, node } from '../trace/emit.js'
import { same } from './elementwise.js'
import { reshape } from './layout.js'
import { lower } from './lower.js'
import { range } from './shape.js'

export function slice(x: tf.TensorInfo, begin: readonly number[], size: readonly number[]): tf.TensorInfo {
  const axes = range(begin.length).filter(i => size[i] !== x.shape[i])
  if (axes.length === 0) return node('Identity', [x], same(x))
  const starts = ints(axes.map(i => begin[i]))
  const ends = ints(axes.map(i => begin[i] + size[i]))
  return node('Slice', [x, starts, ends, ints(axes)], { shape: size, dtype: x.dtype as DType })
}

lower<tf.SliceInputs, tf.SliceAttrs>('Slice', ({ x }, { begin, size }) => {
  const [starts, sizes] = tf.slice_util.parseSliceParams(x as tf.Tensor, begin, size)
  return slice(x, starts, sizes)
})

export interface Strides {
  readonly begin: readonly number[]
  readonly end: readonly number[]
  readonly strides: readonly number[]
  /** Shape after the strided slice, before axes are dropped or added. */
  readonly sliced: readonly number[]
  readonly final: readonly number[]
}

/** The masks of a strided slice worked out into plain numbers, one an axis. */
export function stridesOf(shape: readonly number[], attrs: tf.StridedSliceAttrs): Strides {
  const { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = attrs
  const info = tf.slice_util.sliceInfo(
    [...shape],
    begin,
    end,
    strides,
    beginMask,
    endMask,
    ellipsisMask,
    newAxisMask,
    shrinkAxisMask,
  )
  const sliced = tf.slice_util.computeOutShape(info.begin, info.end, info.strides)
  return { begin: info.begin, end: info.end, strides: info.strides, sliced, final: info.finalShape }
}

lower<tf.StridedSliceInputs, tf.StridedSliceAttrs>('StridedSlice', ({ x }, attrs) => {
  const { begin, end, strides, sliced, final } = stridesOf(x.shape, attrs)
  // Going backwards to before the first entry is -1 in tfjs, which ONNX would take for the last.
  const ends = end.map((at, i) => (strides[i] < 0 && at < 0 ? Number.MIN_SAFE_INTEGER : at))
  const out = { shape: sliced, dtype: x.dtype as DType }
  return reshape(node('Slice', [x, ints(begin), ints(ends), ints(range(begin.length)), ints(strides)], out), final)
})
