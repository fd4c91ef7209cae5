import type * as tf from '@tensorflow/tfjs'
import { elementType } from '../onnx/model.js'
import { type DType, node, tensorOf } from '../trace/emit.js'
import { currentGraph } from '../trace/state.js'
import { binary, same } from './elementwise.js'
import { reshape } from './layout.js'
import { lower } from './lower.js'

binary('Equal', 'Equal', 'bool')
binary('Greater', 'Greater', 'bool')
binary('GreaterEqual', 'GreaterOrEqual', 'bool')
binary('Less', 'Less', 'bool')
binary('LessEqual', 'LessOrEqual', 'bool')

lower<tf.SelectInputs>('Select', ({ condition, t, e }) => {
  // tfjs lets a vector of conditions choose whole rows.
  const rank = t.shape.length
  if (condition.shape.length < rank) {
    const shape = [...condition.shape, ...Array<number>(rank - condition.shape.length).fill(1)]
    condition = reshape(condition, shape)
  }
  return node('Where', [condition, t, e], same(t))
})

/** Same value under another name of tfjs; no node. */
export function alias(x: tf.TensorInfo): tf.TensorInfo {
  const name = currentGraph().nameOf(x.dataId)
  return name === undefined ? node('Identity', [x], same(x)) : tensorOf(name, same(x))
}

lower<tf.IdentityInputs>('Identity', ({ x }) => alias(x))

lower<tf.CastInputs, tf.CastAttrs>('Cast', ({ x }, { dtype }) => cast(x, dtype as DType))

export function cast(x: tf.TensorInfo, dtype: DType): tf.TensorInfo {
  return x.dtype === dtype ? alias(x) : node('Cast', [x], { shape: x.shape, dtype }, { to: elementType[dtype] })
}
