import type * as tf from '@tensorflow/tfjs'
import { constantName, type DType, ints, node, rawNode, scalar, tensorOf } from '../trace/emit.js'
import { currentGraph } from '../trace/state.js'
import { filled } from './fill.js'
import { concat, reshape } from './layout.js'
import { lower } from './lower.js'
import { reduce } from './reduction.js'
import { range, sizeOf } from './shape.js'
import { slice } from './slice.js'

/**
 * onnxruntime runs `ScatterND` with reduction on several threads without locks and so loses updates. It keeps loops
 * below about 210,000 entries on one thread (cost model of its thread pool); a test holds us to that.
 */
const entriesOnOneThread = 150_000
/** Entries of the sums that are added to at once, so that they stay in the second-level cache. */
const sumsInCache = 320_000

/**
 * Rows of `x` summed by segment: `[rows, columns]` to `[segments, columns]`, exact on any number of threads. With one
 * thread it is one node. With more it is cut into scatters so small that each runs on one thread: by rows, and by
 * columns too, since every scatter copies the sums that it adds to.
 *
 * @param ids int64 `[rows, 1]`, within [0, segments)
 */
function segmentSum(x: tf.TensorInfo, ids: string, segments: number): tf.TensorInfo {
  const [rows, columns] = x.shape
  const dtype = x.dtype as DType
  if (currentGraph().singleThread || rows * columns <= entriesOnOneThread) {
    return scatterAdd(filled(0, [segments, columns], dtype), ids, x)
  }
  const width = columnsAtOnce(segments, columns)
  const widths = piecesOf(columns, width)
  const heights = piecesOf(rows, Math.max(1, Math.floor(entriesOnOneThread / width)))
  const idPieces = heights.length === 1 ? [ids] : rawNode('Split', [ids, ints(heights)], { axis: 0 }, heights.length)
  const sums = widths.map((size, j) =>
    heights.reduce(
      (sum, height, i) => scatterAdd(sum, idPieces[i], slice(x, [i * heights[0], j * width], [height, size])),
      filled(0, [segments, size], dtype),
    ),
  )
  return sums.length === 1 ? sums[0] : concat(sums, 1)
}

function columnsAtOnce(segments: number, columns: number): number {
  return Math.min(columns, Math.max(4, 2 ** Math.floor(Math.log2(sumsInCache / segments))))
}

function piecesOf(length: number, piece: number): number[] {
  return range(Math.ceil(length / piece)).map(i => Math.min(piece, length - i * piece))
}

function scatterAdd(sums: tf.TensorInfo, ids: string, x: tf.TensorInfo): tf.TensorInfo {
  return node('ScatterND', [sums, ids, x], { shape: sums.shape, dtype: sums.dtype as DType }, { reduction: 'add' })
}

interface SegmentAttrs extends tf.UnsortedSegmentSumAttrs {
  /** Set by our gradient of gather: no id is negative. */
  readonly idsAreValid?: boolean
}

/** Rows summed by the segment named for them; rows of a negative segment are omitted. */
lower<tf.UnsortedSegmentSumInputs, SegmentAttrs>('UnsortedSegmentSum', ({ x, segmentIds }, attrs) => {
  const { numSegments, idsAreValid = false } = attrs
  const rows = sizeOf(segmentIds.shape)
  const rest = x.shape.slice(segmentIds.shape.length)
  const flat = reshape(x, [rows, sizeOf(rest)])
  const idShape = { shape: segmentIds.shape, dtype: 'int32' } as const
  const isNegative = idsAreValid
    ? undefined
    : node('Less', [segmentIds, scalar(0, 'int32')], { ...idShape, dtype: 'bool' })
  const ids = isNegative ? node('Where', [isNegative, scalar(numSegments, 'int32'), segmentIds], idShape) : segmentIds
  const [int64] = rawNode('Cast', [reshape(ids, [rows, 1])], { to: 7 })
  const sums = segmentSum(flat, int64, idsAreValid ? numSegments : numSegments + 1)
  return reshape(slice(sums, [0, 0], [numSegments, sizeOf(rest)]), [numSegments, ...rest])
})

/** Updates added at places of a tensor of zeros; the places become numbers of rows, so that they are segments. */
lower<tf.ScatterNdInputs, tf.ScatterNdAttrs>('ScatterNd', ({ indices, updates }, { shape }) => {
  const depth = indices.shape[indices.shape.length - 1]
  const outer = shape.slice(0, depth)
  const inner = sizeOf(shape.slice(depth))
  const rows = sizeOf(indices.shape.slice(0, -1))
  const strides = outer.map((_, i) => sizeOf(outer.slice(i + 1)))
  const weights = tensorOf(constantName(strides, [depth], 'int32'), { shape: [depth], dtype: 'int32' })
  const weighted = node('Mul', [reshape(indices, [rows, depth]), weights], { shape: [rows, depth], dtype: 'int32' })
  const [int64] = rawNode('Cast', [reduce('ReduceSum', weighted, { axis: 1, keepDims: true })], { to: 7 })
  return reshape(segmentSum(reshape(updates, [rows, inner]), int64, sizeOf(outer)), shape)
})

/** Updates put in place of what was there; places must differ. */
lower<tf.TensorScatterUpdateInputs>('TensorScatterUpdate', ({ tensor, indices, updates }) => {
  const [int64] = rawNode('Cast', [indices], { to: 7 })
  return node('ScatterND', [tensor, int64, updates], { shape: tensor.shape, dtype: tensor.dtype as DType })
})

lower<tf.SparseToDenseInputs, tf.SparseToDenseAttrs>(
  'SparseToDense',
  ({ sparseIndices, sparseValues, defaultValue }, { outputShape }) => {
    const rank = outputShape.length
    const count = sparseIndices.shape.length === 0 ? 1 : sparseIndices.shape[0]
    const dtype = sparseValues.dtype as DType
    const [int64] = rawNode('Cast', [reshape(sparseIndices, [count, rank])], { to: 7 })
    const background = node('Expand', [defaultValue, ints(outputShape)], { shape: outputShape, dtype })
    const values = node('Expand', [sparseValues, ints([count])], { shape: [count], dtype })
    return node('ScatterND', [background, int64, values], { shape: outputShape, dtype })
  },
)
