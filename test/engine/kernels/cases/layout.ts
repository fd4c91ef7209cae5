import * as tf from '@tensorflow/tfjs'
import { integers, numbers, truths } from '../inputs.js'
import { type Case, positive, several, unary, x43 } from './case.js'

/** Examples of kernels that move entries or make them: layout, slices, gather and scatter, constants. */
export const layoutCases: Readonly<Record<string, Case>> = {
  Cast: several(
    [numbers([6], -3, 3)],
    x => x.cast('int32'),
    x => x.cast('bool'),
    x => x.cast('int32').cast('float32'),
  ),
  Concat: several(
    [x43, numbers([4, 2])],
    (a, b) => tf.concat([a, b, a], 1),
    a => tf.concat([a, a], 0),
  ),
  Diag: unary(x => tf.diag(x), numbers([4])),
  ExpandDims: several(
    [x43],
    x => x.expandDims(1),
    x => x.expandDims(-1),
    x => x.expandDims(0),
  ),
  Fill: unary(x => x.add(tf.fill([4, 3], 2.5))),
  GatherNd: {
    inputs: [numbers([3, 4, 2]), integers([5, 2], 0, 3)],
    program: (x, at) => tf.gatherND(x, at),
  },
  GatherV2: several(
    [numbers([3, 4, 2]), integers([5], 0, 3), integers([3, 2], 0, 2), integers([3, 2, 2], 0, 2)],
    (x, at) => tf.gather(x, at),
    (x, at) => tf.gather(x, at, 1),
    (x, _, at) => tf.gather(x, at, 1, 1),
    (x, _, at) => tf.gather(x, at, 2, 1),
    (x, _, __, at) => tf.gather(x, at, 1, 1),
    (x, _, at) => tf.gather(x, at),
  ),
  Identity: unary(tf.clone),
  LinSpace: unary(x => x.mul(tf.linspace(0, 1, 3))),
  MirrorPad: several(
    [x43],
    x =>
      tf.mirrorPad(
        x,
        [
          [2, 1],
          [0, 2],
        ],
        'reflect',
      ),
    x =>
      tf.mirrorPad(
        x,
        [
          [2, 3],
          [1, 0],
        ],
        'symmetric',
      ),
  ),
  OneHot: several(
    [integers([2, 3], 0, 6)],
    i => tf.oneHot(i, 4),
    i => tf.oneHot(i, 4, 2.5, -1, 'float32'),
  ),
  OnesLike: unary(x => x.sub(tf.onesLike(x))),
  Pack: several(
    [x43, positive],
    (a, b) => tf.stack([a, b]),
    (a, b) => tf.stack([a, b], 2),
  ),
  PadV2: several(
    [x43],
    x =>
      tf.pad(
        x,
        [
          [1, 2],
          [0, 1],
        ],
        0.5,
      ),
    x =>
      tf.pad(x, [
        [0, 0],
        [2, 0],
      ]),
  ),
  Range: several(
    [x43],
    x => x.mul(tf.range(1, 4)),
    x => x.sum().mul(tf.range(0, 700, 2, 'int32').cast('float32').mul(0.001)),
  ),
  Reshape: unary(x => x.reshape([2, -1])),
  Reverse: several(
    [x43],
    x => x.reverse(0),
    x => x.reverse([0, 1]),
  ),
  ScatterNd: {
    inputs: [integers([6, 2], 0, 2), numbers([6, 3])],
    program: (at, updates) => tf.scatterND(at, updates, [3, 4, 3]),
  },
  Select: several(
    [truths([4, 3]), truths([4], 2), x43, positive],
    (c, _, a, b) => tf.where(c, a, b),
    (_, c, a, b) => tf.where(c.reshape([4, 1]), a, b),
    (_, __, a, b) => tf.where(a.greater(b.sub(1)), a.square(), b),
  ),
  Slice: several(
    [x43],
    x => x.slice([1, 0], [2, 2]),
    x => x.slice([2]),
  ),
  SparseToDense: {
    inputs: [integers([3, 1], 0, 1), numbers([3]), numbers([])],
    // Places 1, 3, 5 or their neighbours: different, whatever the numbers.
    program: (at, values, otherwise) =>
      tf.sparseToDense(at.add(tf.tensor2d([[1], [3], [5]], [3, 1], 'int32')), values, [8], otherwise as tf.Scalar),
  },
  SplitV: several(
    [x43],
    x => tf.split(x, [1, 2], 1),
    x => tf.split(x, 2, 0)[1],
  ),
  StridedSlice: several(
    [numbers([6, 5])],
    x => tf.stridedSlice(x, [1, 0], [6, 5], [2, 3]),
    x => tf.stridedSlice(x, [5, 4], [-7, 0], [-2, -1]),
    // Not with a shrunken axis: there the cpu backend of tfjs takes the wrong row, so it is no oracle.
  ),
  TensorScatterUpdate: {
    inputs: [numbers([7, 2]), integers([3, 1], 0, 1), numbers([3, 2], 3, 4)],
    program: (x, at, updates) =>
      tf.tensorScatterUpdate(x, at.add(tf.tensor2d([[1], [3], [5]], [3, 1], 'int32')), updates),
  },
  Tile: several(
    [x43, numbers([1, 3])],
    x => tf.tile(x, [2, 3]),
    (_, row) => tf.tile(row, [4, 1]),
  ),
  Transpose: several(
    [numbers([2, 3, 4])],
    x => x.transpose([2, 0, 1]),
    x => x.transpose(),
  ),
  Unpack: several(
    [x43],
    x => tf.unstack(x),
    x => tf.unstack(x, 1)[2],
  ),
  UnsortedSegmentSum: several(
    [numbers([6, 2]), integers([6], 0, 4), integers([6], -1, 3, 4)],
    (x, ids) => tf.unsortedSegmentSum(x, ids as tf.Tensor1D, 5),
    (x, _, ids) => tf.unsortedSegmentSum(x, ids as tf.Tensor1D, 4),
  ),
  ZerosLike: unary(x => x.add(tf.zerosLike(x))),
}
