import type { TensorInfo } from '@tensorflow/tfjs'
import type { Attribute } from '../onnx/model.js'
import { decompositions, node, type Shaped, scalar } from './emit.js'
import type { Ref } from './graph.js'

// The operators of com.microsoft that are short for standard ones.

decompositions.set('FusedMatMul', ([a, b], out, attributes) => {
  const alpha = floatOf(attributes.alpha, 1)
  const left = attributes.transA ? transposeLast(a as TensorInfo) : a
  const right = attributes.transB ? transposeLast(b as TensorInfo) : b
  const product = node('MatMul', [left, right], out)
  return alpha === 1 ? product : node('Mul', [product, scalar(alpha)], out)
})

/** x sigmoid(alpha x) */
decompositions.set('QuickGelu', ([x], out, attributes) => {
  const alpha = floatOf(attributes.alpha, 1.702)
  const inner = alpha === 1 ? x : node('Mul', [x, scalar(alpha)], out)
  return node('Mul', [x, node('Sigmoid', [inner], out)], out)
})

/** x (1 + erf(x / sqrt 2)) / 2 */
decompositions.set('Gelu', ([x], out) => gelu(x, out))
decompositions.set('BiasGelu', ([x, bias], out) => gelu(node('Add', [x, bias], out), out))

function gelu(x: Ref, out: Shaped): TensorInfo {
  const erf = node('Erf', [node('Mul', [x, scalar(Math.SQRT1_2)], out)], out)
  const half = node('Mul', [x, scalar(0.5)], out)
  return node('Mul', [half, node('Add', [erf, scalar(1)], out)], out)
}

function transposeLast(x: TensorInfo): TensorInfo {
  const rank = x.shape.length
  const perm = x.shape.map((_, i) => i)
  perm[rank - 1] = rank - 2
  perm[rank - 2] = rank - 1
  const shape = perm.map(i => x.shape[i])
  return node('Transpose', [x], { shape, dtype: 'float32' }, { perm })
}

function floatOf(attribute: Attribute | undefined, otherwise: number): number {
  return typeof attribute === 'object' && 'float' in attribute ? attribute.float : otherwise
}
