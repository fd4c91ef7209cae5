import type * as tf from '@tensorflow/tfjs'
import { elementType } from '../onnx/model.js'
import { type DType, node, tensorOf } from '../trace/emit.js'
import { currentGraph } from '../trace/state.js'
import { beforeExpansion, expand } from './broadcast.js'
import { type Binary, binary, same, type Unary } from './elementwise.js'
import { lower } from './lower.js'
import { broadcastShape } from './shape.js'

binary('Equal', 'Equal', 'bool')
binary('Greater', 'Greater', 'bool')
binary('GreaterEqual', 'GreaterOrEqual', 'bool')
binary('Less', 'Less', 'bool')
binary('LessEqual', 'LessOrEqual', 'bool')
binary('LogicalAnd', 'And', 'bool')
binary('LogicalOr', 'Or', 'bool')

const truth = (op: string, inputs: readonly tf.TensorInfo[], shape: readonly number[]): tf.TensorInfo =>
  node(op, inputs, { shape, dtype: 'bool' })

lower<Binary>('NotEqual', ({ a, b }) => {
  const shape = broadcastShape(a.shape, b.shape)
  return truth('Not', [truth('Equal', [a, b], shape)], shape)
})
lower<Unary>('LogicalNot', ({ x }) => truth('Not', [x], x.shape))
lower<Unary>('IsNan', ({ x }) => truth('IsNaN', [x], x.shape))
lower<Unary>('IsInf', ({ x }) => truth('IsInf', [x], x.shape))
lower<Unary>('IsFinite', ({ x }) => {
  const isNumberless = truth('Or', [truth('IsNaN', [x], x.shape), truth('IsInf', [x], x.shape)], x.shape)
  return truth('Not', [isNumberless], x.shape)
})

lower<tf.SelectInputs>('Select', ({ condition, t, e }) => node('Where', [condition, t, e], same(t)))

/** Same value under another name of tfjs; no node. */
function alias(x: tf.TensorInfo): tf.TensorInfo {
  const name = currentGraph().nameOf(x.dataId)
  return name === undefined ? node('Identity', [x], same(x)) : tensorOf(name, same(x))
}

export function cast(x: tf.TensorInfo, dtype: DType): tf.TensorInfo {
  if (x.dtype === dtype) return alias(x)
  const source = beforeExpansion(x)
  return expand(node('Cast', [source], { shape: source.shape, dtype }, { to: elementType[dtype] }), x.shape)
}

lower<tf.IdentityInputs>('Identity', ({ x }) => alias(x))
lower<tf.CastInputs, tf.CastAttrs>('Cast', ({ x }, { dtype }) => cast(x, dtype as DType))
