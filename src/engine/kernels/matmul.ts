import type * as tf from '@tensorflow/tfjs'
import { type DType, microsoft, node } from '../trace/emit.js'
import { transpose } from './layout.js'
import { lower } from './lower.js'
import { broadcastShape, range } from './shape.js'

/**
 * Matrix product over the last two axes, leading axes broadcast. FusedMatMul keeps onnxruntime from fusing a later Add
 * into a Gemm, which is slower, and takes transposes for nothing.
 */
export function matmul(a: tf.TensorInfo, b: tf.TensorInfo, transA = false, transB = false): tf.TensorInfo {
  const rows = a.shape.at(transA ? -1 : -2) as number
  const columns = b.shape.at(transB ? -2 : -1) as number
  const shape = [...broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2)), rows, columns]
  if (a.dtype !== 'float32') {
    return node('MatMul', [transA ? swapLast(a) : a, transB ? swapLast(b) : b], { shape, dtype: a.dtype as DType })
  }
  return node('FusedMatMul', [a, b], { shape }, { transA: +transA, transB: +transB }, microsoft)
}

function swapLast(x: tf.TensorInfo): tf.TensorInfo {
  const rank = x.shape.length
  return transpose(x, [...range(rank - 2), rank - 1, rank - 2])
}

lower<tf.BatchMatMulInputs, tf.BatchMatMulAttrs>('BatchMatMul', ({ a, b }, { transposeA, transposeB }) =>
  matmul(a, b, transposeA, transposeB),
)
