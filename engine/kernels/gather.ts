import * as tf from '@tensorflow/tfjs'
import { type DType, node, rawNode } from '../trace/emit.js'
import { reshape, transpose } from './layout.js'
import { lower } from './lower.js'
import { axisOf, range } from './shape.js'

/** Entries along one axis; with `batchDims` leading axes that indices and x share. */
lower<tf.GatherV2Inputs, tf.GatherV2Attrs>('GatherV2', ({ x, indices }, { axis, batchDims }) => {
  const at = tf.util.parseAxisParam(axis, x.shape)[0]
  const batch = axisOf(batchDims, indices.shape.length)
  const dtype = x.dtype as DType
  if (batch === 0) {
    const shape = [...x.shape.slice(0, at), ...indices.shape, ...x.shape.slice(at + 1)]
    return node('Gather', [x, indices], { shape, dtype }, { axis: at })
  }
  // GatherND wants the gathered axis right behind the batch; what stood between goes behind and comes back after.
  const between = range(at - batch).map(i => batch + i)
  const rest = range(x.shape.length - at - 1).map(i => at + 1 + i)
  const moved = between.length === 0 ? x : transpose(x, [...range(batch), at, ...between, ...rest])
  const [int64] = rawNode('Cast', [reshape(indices, [...indices.shape, 1])], { to: 7 })
  const picked = indices.shape.length - batch
  const shape = [...indices.shape, ...[...between, ...rest].map(i => x.shape[i])]
  const gathered = node('GatherND', [moved, int64], { shape, dtype }, { batch_dims: batch })
  if (between.length === 0) return gathered
  const back = range(between.length).map(i => batch + picked + i)
  const tail = range(rest.length).map(i => batch + picked + between.length + i)
  return transpose(gathered, [...range(batch), ...back, ...range(picked).map(i => batch + i), ...tail])
})

/** The last axis of `indices` holds places along the first axes of `params`. */
lower<tf.GatherNdInputs>('GatherNd', ({ params, indices }) => {
  const depth = indices.shape[indices.shape.length - 1]
  const [int64] = rawNode('Cast', [indices], { to: 7 })
  const shape = [...indices.shape.slice(0, -1), ...params.shape.slice(depth)]
  return node('GatherND', [params, int64], { shape, dtype: params.dtype as DType })
})
