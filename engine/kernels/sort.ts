import type * as tf from '@tensorflow/tfjs'
import { type DType, ints, node, rawNode, tensorOf } from '../trace/emit.js'
import { reshape } from './layout.js'
import { cast } from './logical.js'
import { lower } from './lower.js'
import { reduce } from './reduction.js'

/** Largest first, ties by index: values and their places along the last axis. */
lower<tf.TopKInputs, tf.TopKAttrs>('TopK', ({ x }, { k }) => {
  const [values, places] = rawNode('TopK', [x, ints([k])], { axis: -1, largest: 1, sorted: 1 }, 2)
  const shape = [...x.shape.slice(0, -1), k]
  const [indices] = rawNode('Cast', [places], { to: 6 })
  return [tensorOf(values, { shape, dtype: x.dtype as DType }), tensorOf(indices, { shape, dtype: 'int32' })]
})

/** Place of each value in its sorted row: how many entries are smaller (left) or not larger (right). */
lower<tf.SearchSortedInputs, tf.SearchSortedAttrs>('SearchSorted', ({ sortedSequence, values }, { side }) => {
  const [rows, n] = sortedSequence.shape
  const m = values.shape[1]
  const entries = reshape(sortedSequence, [rows, 1, n])
  const wanted = reshape(values, [rows, m, 1])
  const below = node(side === 'left' ? 'Less' : 'LessOrEqual', [entries, wanted], {
    shape: [rows, m, n],
    dtype: 'bool',
  })
  return reduce('ReduceSum', cast(below, 'int32'), { axis: 2, keepDims: false })
})
