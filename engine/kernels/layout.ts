import * as tf from '@tensorflow/tfjs'
import { type DType, ints, node, rawNode, tensorOf } from '../trace/emit.js'
import { expand } from './broadcast.js'
import { same } from './elementwise.js'
import { lower } from './lower.js'
import { axisOf, sizeOf, withLength } from './shape.js'

export function reshape(x: tf.TensorInfo, shape: readonly number[]): tf.TensorInfo {
  return node('Reshape', [x, ints(shape)], { shape, dtype: x.dtype as DType })
}

export function transpose(x: tf.TensorInfo, perm: readonly number[]): tf.TensorInfo {
  const shape = perm.map(i => x.shape[i])
  return node('Transpose', [x], { shape, dtype: x.dtype as DType }, { perm: [...perm] })
}

export function concat(parts: readonly tf.TensorInfo[], axis: number): tf.TensorInfo {
  const full = parts.filter(x => sizeOf(x.shape) > 0)
  const length = parts.reduce((sum, x) => sum + x.shape[axis], 0)
  return node('Concat', full, { ...same(parts[0]), shape: withLength(parts[0].shape, axis, length) }, { axis })
}

function split(x: tf.TensorInfo, sizes: readonly number[], axis: number): tf.TensorInfo[] {
  const names = rawNode('Split', [x, ints(sizes)], { axis }, sizes.length)
  return names.map((name, i) => tensorOf(name, { ...same(x), shape: withLength(x.shape, axis, sizes[i]) }))
}

/** Backwards along some axes: `Slice` with steps of -1, from the last to before the first. */
export function reverse(x: tf.TensorInfo, axes: readonly number[]): tf.TensorInfo {
  if (axes.length === 0) return node('Identity', [x], same(x))
  const all = (value: number): string => ints(axes.map(() => value))
  return node('Slice', [x, all(-1), all(Number.MIN_SAFE_INTEGER), ints(axes), all(-1)], same(x))
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

lower<tf.TensorInfo[], tf.ConcatAttrs>('Concat', (inputs, { axis }) =>
  concat(Object.values(inputs), axisOf(axis, inputs[0].shape.length)),
)

lower<tf.TensorInfo[], tf.PackAttrs>('Pack', (inputs, { axis }) => {
  const at = axisOf(axis, inputs[0].shape.length + 1)
  const shape = [...inputs[0].shape]
  shape.splice(at, 0, 1)
  return concat(
    Object.values(inputs).map(x => reshape(x, shape)),
    at,
  )
})

lower<tf.UnpackInputs, tf.UnpackAttrs>('Unpack', ({ value }, { axis }) => {
  const at = axisOf(axis, value.shape.length)
  const parts = split(value, Array<number>(value.shape[at]).fill(1), at)
  const shape = value.shape.filter((_, i) => i !== at)
  return parts.map(part => reshape(part, shape))
})

lower<tf.SplitVInputs, tf.SplitVAttrs>('SplitV', ({ x }, { numOrSizeSplits, axis }) => {
  const at = tf.util.parseAxisParam(axis, x.shape)[0]
  return split(x, tf.backend_util.prepareSplitSize(x as tf.Tensor, numOrSizeSplits, at), at)
})

lower<tf.TileInputs, tf.TileAttrs>('Tile', ({ x }, { reps }) => {
  const shape = x.shape.map((length, i) => length * reps[i])
  // Repeating single entries is a broadcast, which onnxruntime does several times faster.
  if (x.shape.every((length, i) => length === 1 || reps[i] === 1)) return expand(x, shape)
  return node('Tile', [x, ints(reps)], { ...same(x), shape })
})

lower<tf.ReverseInputs, tf.ReverseAttrs>('Reverse', ({ x }, { dims }) =>
  reverse(x, tf.util.parseAxisParam(dims, x.shape)),
)
