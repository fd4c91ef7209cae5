import * as tf from '@tensorflow/tfjs'
import { constantName, type DType, filledName, node, rawNode, scalar, tensorOf } from '../trace/emit.js'
import { reshape } from './layout.js'
import { cast } from './logical.js'
import { lower } from './lower.js'
import { range, sizeOf } from './shape.js'

/** Made when the graph runs, never stored: arrays of ones and zeros would fill megabytes of the model. */
export function filled(value: number, shape: readonly number[], dtype: DType): tf.TensorInfo {
  return tensorOf(filledName(value, shape, dtype), { shape, dtype })
}

lower<Record<string, never>, tf.FillAttrs>('Fill', (_, { shape, value, dtype }) =>
  filled(Number(value), shape, (dtype ?? tf.util.inferDtype(value)) as DType),
)
lower<tf.ZerosLikeInputs>('ZerosLike', ({ x }) => filled(0, x.shape, x.dtype as DType))
lower<tf.OnesLikeInputs>('OnesLike', ({ x }) => filled(1, x.shape, x.dtype as DType))

/** Numbers known when traced; long integer ranges are counted when the graph runs. */
lower<Record<string, never>, tf.RangeAttrs>('Range', (_, { start, stop, step, dtype }) => {
  const length = Math.max(0, Math.ceil((stop - start) / step))
  const shape = [length]
  if (dtype === 'int32' && length > 256) {
    const [name] = rawNode('Range', [scalar(start, dtype), scalar(stop, dtype), scalar(step, dtype)])
    return tensorOf(name, { shape, dtype })
  }
  const values = range(length).map(i => start + i * step)
  return tensorOf(constantName(values, shape, dtype), { shape, dtype })
})

lower<Record<string, never>, tf.LinSpaceAttrs>('LinSpace', (_, { start, stop, num }) => {
  const step = (stop - start) / (num - 1)
  const values = range(num).map(i => (num === 1 ? start : start + i * step))
  return tensorOf(constantName(values, [num], 'float32'), { shape: [num] })
})

/** Rows where the column's number is the index; all off where the index is outside. */
lower<tf.OneHotInputs, tf.OneHotAttrs>('OneHot', ({ indices }, { depth, onValue, offValue, dtype }) => {
  const shape = [...indices.shape, depth]
  const columns = tensorOf(constantName(range(depth), [depth], 'int32'), { shape: [depth], dtype: 'int32' })
  const column = reshape(cast(indices, 'int32'), [...indices.shape, 1])
  const hit = node('Equal', [column, columns], { shape, dtype: 'bool' })
  const type = dtype as DType
  if (onValue === 1 && offValue === 0) return cast(hit, type)
  return node('Where', [hit, scalar(onValue, type), scalar(offValue, type)], { shape, dtype: type })
})

/** `[...shape, ...shape]` with x on the diagonal. */
lower<tf.DiagInputs>('Diag', ({ x }) => {
  const n = sizeOf(x.shape)
  const dtype = x.dtype as DType
  const square = { shape: [n, n], dtype }
  const eye = node('EyeLike', [filled(0, [n, n], 'float32')], { shape: [n, n] })
  const rows = reshape(x, [n, 1])
  const matrix = node('Mul', [rows, cast(eye, dtype)], square)
  return reshape(matrix, [...x.shape, ...x.shape])
})
