import type * as tf from '@tensorflow/tfjs'
import { type DType, node, scalar } from '../trace/emit.js'
import { lower } from './lower.js'
import { broadcastShape } from './shape.js'

export interface Binary {
  a: tf.TensorInfo
  b: tf.TensorInfo
}
export interface Unary {
  x: tf.TensorInfo
}

/** Two tensors under broadcasting, one ONNX operator; `dtype` where the output's type is not the input's. */
export function binary(kernel: string, op: string, dtype?: DType): void {
  lower<Binary>(kernel, ({ a, b }) =>
    node(op, [a, b], { shape: broadcastShape(a.shape, b.shape), dtype: dtype ?? (a.dtype as DType) }),
  )
}

/** One tensor, one ONNX operator, same shape and type. */
export function unary(kernel: string, op: string): void {
  lower<Unary>(kernel, ({ x }) => node(op, [x], same(x)))
}

export const same = (x: tf.TensorInfo): { shape: number[]; dtype: DType } => ({ shape: x.shape, dtype: x.dtype as DType })

export const add = (a: tf.TensorInfo, b: tf.TensorInfo): tf.TensorInfo =>
  node('Add', [a, b], { shape: broadcastShape(a.shape, b.shape), dtype: a.dtype as DType })

binary('Add', 'Add')
binary('Sub', 'Sub')
binary('Multiply', 'Mul')
binary('RealDiv', 'Div')
binary('Maximum', 'Max')
binary('Minimum', 'Min')

lower<Binary>('SquaredDifference', ({ a, b }) => {
  const out = { shape: broadcastShape(a.shape, b.shape), dtype: a.dtype as DType }
  const difference = node('Sub', [a, b], out)
  return node('Mul', [difference, difference], out)
})

lower<{ [index: number]: tf.TensorInfo }>('AddN', inputs => {
  const [first, ...rest] = Object.values(inputs)
  return rest.reduce((sum, x) => node('Add', [sum, x], same(first)), first)
})

unary('Neg', 'Neg')
binary('BitwiseAnd', 'BitwiseAnd')
unary('Abs', 'Abs')
unary('Reciprocal', 'Reciprocal')
lower<Unary>('Square', ({ x }) => node('Mul', [x, x], same(x)))

export const zero = (x: tf.TensorInfo): string => scalar(0, x.dtype as DType)
