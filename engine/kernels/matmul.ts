import type * as tf from '@tensorflow/tfjs'
import { type DType, microsoft, node } from '../trace/emit.js'
import { leakyRelu, prelu, relu6 } from './activation.js'
import { add, same } from './elementwise.js'
import { transpose } from './layout.js'
import { lower } from './lower.js'
import { broadcastShape, range } from './shape.js'

/**
 * Matrix product over the last two axes, leading axes broadcast. FusedMatMul keeps onnxruntime from fusing a later Add
 * into a Gemm, which is slower, and takes transposes for nothing.
 */
function matmul(a: tf.TensorInfo, b: tf.TensorInfo, transA = false, transB = false): tf.TensorInfo {
  const rows = a.shape.at(transA ? -1 : -2) as number
  const columns = b.shape.at(transB ? -2 : -1) as number
  const shape = [...broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2)), rows, columns]
  if (a.dtype !== 'float32') {
    return node('MatMul', [transA ? swapLast(a) : a, transB ? swapLast(b) : b], { shape, dtype: a.dtype as DType })
  }
  return node(microsoft('FusedMatMul'), [a, b], { shape }, { transA: +transA, transB: +transB })
}

function swapLast(x: tf.TensorInfo): tf.TensorInfo {
  const rank = x.shape.length
  return transpose(x, [...range(rank - 2), rank - 1, rank - 2])
}

lower<tf.BatchMatMulInputs, tf.BatchMatMulAttrs>('BatchMatMul', ({ a, b }, { transposeA, transposeB }) =>
  matmul(a, b, transposeA, transposeB),
)

/** matmul, bias and activation in one kernel of tfjs (tf.fused.matMul). */
lower<tf._FusedMatMulInputs, tf._FusedMatMulAttrs>('_FusedMatMul', (inputs, attrs) => {
  const { a, b, bias, preluActivationWeights } = inputs
  const product = matmul(a, b, attrs.transposeA, attrs.transposeB)
  const sum = bias === undefined ? product : add(product, bias)
  return activate(sum, attrs, preluActivationWeights)
})

function activate(x: tf.TensorInfo, attrs: tf._FusedMatMulAttrs, alpha?: tf.TensorInfo): tf.TensorInfo {
  if (attrs.activation === 'relu') return node('Relu', [x], same(x))
  if (attrs.activation === 'elu') return node('Elu', [x], same(x))
  if (attrs.activation === 'sigmoid') return node('Sigmoid', [x], same(x))
  if (attrs.activation === 'relu6') return relu6(x)
  if (attrs.activation === 'leakyrelu') return leakyRelu(x, attrs.leakyreluAlpha ?? 0.2)
  return attrs.activation === 'prelu' && alpha ? prelu(x, alpha) : x
}

lower<tf.TensorInfo[], tf.EinsumAttrs>('Einsum', (inputs, { equation }) => {
  const tensors = Object.values(inputs)
  const [left, right] = equation.replaceAll(' ', '').split('->')
  const lengths = new Map<string, number>()
  for (const [i, labels] of left.split(',').entries()) {
    for (const [axis, label] of [...labels].entries()) lengths.set(label, tensors[i].shape[axis])
  }
  const shape = [...right].map(label => lengths.get(label) as number)
  return node('Einsum', tensors, { shape, dtype: tensors[0].dtype as DType }, { equation: `${left}->${right}` })
})
