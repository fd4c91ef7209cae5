import * as tf from '@tensorflow/tfjs'
import { gradient, zeros } from './gradient.js'

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

/** Rows of dy summed by the place they were gathered from, which is known to be valid. */
function segmentSum(x: tf.Tensor, segmentIds: tf.Tensor, numSegments: number): tf.Tensor {
  const attrs = { numSegments, idsAreValid: true }
  return tf.engine().runKernel('UnsortedSegmentSum', { x, segmentIds }, attrs) as tf.Tensor
}

/**
 * Every row goes back to where it came from. tfjs takes a batch one by one; here the batch is part of the place:
 * `batch * length + index`, so that one sum does for all.
 */
gradient<tf.GatherV2Attrs>('GatherV2', { inputs: ['x', 'indices'] }, (dy, [x, indices], { axis, batchDims }) => {
  const at = tf.util.parseAxisParam(axis, x.shape)[0]
  const batchRank = batchDims < 0 ? batchDims + indices.rank : batchDims
  const batch = sizeOf(x.shape.slice(0, batchRank))
  const between = sizeOf(x.shape.slice(batchRank, at))
  const length = x.shape[at]
  const inner = sizeOf(x.shape.slice(at + 1))
  const picked = indices.size / batch
  const dx = (): tf.Tensor => {
    // [batch, between, picked, inner] with the gathered axis in front of what stood between.
    const rows = dy.reshape([batch, between, picked, inner]).transpose([0, 2, 1, 3])
    const flat = rows.reshape([batch * picked, between * inner])
    const starts = tf.range(0, batch, 1, 'int32').mul(tf.scalar(length, 'int32')).reshape([batch, 1])
    const ids = batch === 1 ? indices.flatten() : indices.reshape([batch, picked]).add(starts).flatten()
    const sums = segmentSum(flat, ids, batch * length)
    return sums.reshape([batch, length, between, inner]).transpose([0, 2, 1, 3]).reshape(x.shape)
  }
  const plain = (): tf.Tensor => segmentSum(dy.reshape([picked, inner]), indices.flatten(), length).reshape(x.shape)
  return { x: batch === 1 && between === 1 ? plain : dx, indices: () => zeros(indices) }
})

/** Each row takes the gradient of its segment; rows of a negative segment, which were omitted, take none. */
gradient('UnsortedSegmentSum', { inputs: ['segmentIds'] }, (dy, [ids]) => ({
  x: () => {
    const gathered = dy.gather(ids.maximum(tf.scalar(0, 'int32')))
    const counted = ids.greaterEqual(tf.scalar(0, 'int32')).cast('float32')
    return gathered.mul(counted.reshape([...ids.shape, ...Array<number>(dy.rank - 1).fill(1)]))
  },
  segmentIds: () => zeros(ids),
}))

gradient('GatherNd', { inputs: ['params', 'indices'] }, (dy, [params, indices]) => ({
  params: () => tf.scatterND(indices, dy, params.shape),
  indices: () => zeros(indices),
}))

gradient('ScatterNd', { inputs: ['indices'] }, (dy, [indices]) => ({
  updates: () => tf.gatherND(dy, indices),
  indices: () => zeros(indices),
}))

gradient('TensorScatterUpdate', { inputs: ['indices', 'updates'] }, (dy, [indices, updates]) => ({
  // Not straight into dy: the cpu backend of tfjs would write over it.
  tensor: () => dy.mul(tf.tensorScatterUpdate(tf.onesLike(dy), indices, tf.zerosLike(updates))),
  updates: () => tf.gatherND(dy, indices),
  indices: () => zeros(indices),
}))

gradient(
  'SparseToDense',
  { inputs: ['sparseIndices', 'sparseValues', 'defaultValue'] },
  (dy, [indices, values, otherwise]) => {
    const places = indices.reshape([-1, dy.rank])
    const taken = (): tf.Tensor => tf.gatherND(dy, places)
    return {
      sparseValues: () => (values.size === 1 ? taken().sum().reshape(values.shape) : taken()),
      defaultValue: () => dy.sum().sub(taken().sum()).reshape(otherwise.shape),
      sparseIndices: () => zeros(indices),
    }
  },
)

/** Values of the k largest go back to their places, which differ within a row. */
gradient('TopK', { inputs: ['x'], outputs: [false, true] }, (dy, [x, places]) => ({
  x: () => {
    const length = x.shape[x.rank - 1]
    const k = places.shape[places.rank - 1]
    const rows = x.size / length
    const starts = tf.range(0, rows, 1, 'int32').mul(tf.scalar(length, 'int32')).reshape([rows, 1])
    const flat = places
      .reshape([rows, k])
      .add(starts)
      .reshape([rows * k, 1])
    return tf.tensorScatterUpdate(tf.zeros([x.size]), flat, dy.reshape([rows * k])).reshape(x.shape)
  },
}))
