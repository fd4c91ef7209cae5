import type * as tf from '@tensorflow/tfjs'
import { type DType, isFilledWith, node, scalar } from '../trace/emit.js'
import { elementwise, entrywise, expand } from './broadcast.js'
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
  lower<Binary>(kernel, ({ a, b }) => elementwise(op, a, b, dtype ?? (a.dtype as DType)))
}

/** One tensor, one ONNX operator, same shape and type. */
export function unary(kernel: string, op: string): void {
  lower<Unary>(kernel, ({ x }) => entrywise(op, x, x.dtype as DType))
}

export const same = (x: tf.TensorInfo): { shape: number[]; dtype: DType } => ({
  shape: x.shape,
  dtype: x.dtype as DType,
})

export const add = (a: tf.TensorInfo, b: tf.TensorInfo): tf.TensorInfo =>
  node('Add', [a, b], { shape: broadcastShape(a.shape, b.shape), dtype: a.dtype as DType })

/** Gradients multiply by ones to broadcast, and add to zeros: then there is nothing to compute. */
function withNeutral(kernel: string, op: string, neutral: number, commutes: boolean): void {
  lower<Binary>(kernel, ({ a, b }) => {
    const shape = broadcastShape(a.shape, b.shape)
    if (isFilledWith(b, neutral)) return expand(a, shape)
    if (commutes && isFilledWith(a, neutral)) return expand(b, shape)
    return elementwise(op, a, b, a.dtype as DType)
  })
}

withNeutral('Add', 'Add', 0, true)
withNeutral('Sub', 'Sub', 0, false)
withNeutral('Multiply', 'Mul', 1, true)
withNeutral('RealDiv', 'Div', 1, false)
binary('Maximum', 'Max')
binary('Minimum', 'Min')

lower<Binary>('SquaredDifference', ({ a, b }) => {
  const difference = elementwise('Sub', a, b, a.dtype as DType)
  return elementwise('Mul', difference, difference, a.dtype as DType)
})

lower<{ [index: number]: tf.TensorInfo }>('AddN', inputs => {
  const [first, ...rest] = Object.values(inputs)
  return rest.reduce((sum, x) => elementwise('Add', sum, x, sum.dtype as DType), first)
})

unary('Neg', 'Neg')
binary('BitwiseAnd', 'BitwiseAnd')
unary('Abs', 'Abs')
unary('Reciprocal', 'Reciprocal')
lower<Unary>('Square', ({ x }) => elementwise('Mul', x, x, x.dtype as DType))

export const zero = (x: tf.TensorInfo): string => scalar(0, x.dtype as DType)
