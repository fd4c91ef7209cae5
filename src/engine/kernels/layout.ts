import * as tf from '@tensorflow/tfjs'
import { type DType, ints, node, rawNode, tensorOf } from '../trace/emit.js'
import { same } from './elementwise.js'
import { lower } from './lower.js'
import { axisOf, range, sizeOf, withLength } from './shape.js'

export function reshape(x: tf.TensorInfo, shape: readonly number[]): tf.TensorInfo {
  return node('Reshape', [x, ints(shape)], { shape, dtype: x.dtype as DType })
}

export function transpose(x: tf.TensorInfo, perm: readonly number[]): tf.TensorInfo {
  const shape = perm.map(i => x.shape[i])
  return node('Transpose', [x], { shape, dtype: x.dtype as DType }, { perm: [...perm] })
}

export function slice(x: tf.TensorInfo, begin: readonly number[], size: readonly number[]): tf.TensorInfo {
  const ends = begin.map((start, i) => start + size[i])
  return node('Slice', [x, ints(begin), ints(ends), ints(range(begin.length))], { shape: size, dtype: x.dtype as DType })
}

lower<tf.ReshapeInputs, tf.ReshapeAttrs>('Reshape', ({ x }, { shape }) =>
  reshape(x, tf.util.inferFromImplicitShape([...shape], sizeOf(x.shape))),
)

lower<tf.ExpandDimsInputs, tf.ExpandDimsAttrs>('ExpandDims', ({ input }, { dim }) => {
  const shape = [...input.shape]
  shape.splice(axisOf(dim, shape.length + 1), 0, 1)
  return reshape(input, shape)
})

lower<tf.TransposeInputs, tf.TransposeAttrs>('Transpose', ({ x }, { perm }) => transpose(x, perm))

lower<tf.TensorInfo[], tf.ConcatAttrs>('Concat', (inputs, { axis }) => {
  const parts = Object.values(inputs).filter(x => sizeOf(x.shape) > 0)
  const at = axisOf(axis, inputs[0].shape.length)
  const length = parts.reduce((sum, x) => sum + x.shape[at], 0)
  const shape = withLength(inputs[0].shape, at, length)
  return node('Concat', parts, { shape, dtype: inputs[0].dtype as DType }, { axis: at })
})

lower<tf.SliceInputs, tf.SliceAttrs>('Slice', ({ x }, { begin, size }) => {
  const [starts, sizes] = tf.slice_util.parseSliceParams(x as tf.Tensor, begin, size)
  return slice(x, starts, sizes)
})

lower<tf.SplitVInputs, tf.SplitVAttrs>('SplitV', ({ x }, { numOrSizeSplits, axis }) => {
  const at = tf.util.parseAxisParam(axis, x.shape)[0]
  const sizes = tf.backend_util.prepareSplitSize(x as tf.Tensor, numOrSizeSplits, at)
  const names = rawNode('Split', [x, ints(sizes)], { axis: at }, sizes.length)
  return names.map((name, i) => tensorOf(name, { ...same(x), shape: withLength(x.shape, at, sizes[i]) }))
})

lower<tf.TileInputs, tf.TileAttrs>('Tile', ({ x }, { reps }) =>
  node('Tile', [x, ints(reps)], { ...same(x), shape: x.shape.map((length, i) => length * reps[i]) }),
)
