import * as tf from '@tensorflow/tfjs'
import { mapChunks } from '../../../src/engine/index.js'
import { type Input, integers, numbers, truths } from './inputs.js'

/** One law-abiding example a kernel: the law test runs it compiled and eager, forward and backward. */
export interface Case {
  readonly inputs: readonly Input[]
  readonly program: (...xs: tf.Tensor[]) => tf.Tensor | tf.Tensor[]
  /** tfjs itself never asks for a gradient of this kernel. */
  readonly forwardOnly?: boolean
}

const x43 = numbers([4, 3])
const positive = numbers([4, 3], 0.2, 3)
const inside = numbers([4, 3], -0.9, 0.9)

const unary = (f: (x: tf.Tensor) => tf.Tensor, x: Input = x43): Case => ({ inputs: [x], program: f })
const binary = (f: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor, a = x43, b = numbers([3], 0.3, 2)): Case => ({
  inputs: [a, b],
  program: f,
})
const kernel = (name: string, inputs: object, attrs: object = {}): tf.Tensor | tf.Tensor[] =>
  tf.engine().runKernel(name, inputs as tf.NamedTensorMap, attrs as tf.NamedAttrMap) as tf.Tensor | tf.Tensor[]

/** Several uses of one kernel in one case. */
const several = (inputs: readonly Input[], ...programs: ((...xs: tf.Tensor[]) => tf.Tensor | tf.Tensor[])[]): Case => ({
  inputs,
  program: (...xs) => programs.flatMap(f => f(...xs)),
})

const forwardOnly = (example: Case): Case => ({ ...example, forwardOnly: true })

export const dictionary: Readonly<Record<string, Case>> = {
  Abs: unary(tf.abs),
  Acos: unary(tf.acos, inside),
  Acosh: unary(tf.acosh, numbers([4, 3], 1.2, 4)),
  Add: several(
    [x43, numbers([4, 1])],
    (a, b) => a.add(b),
    (a, b) => b.add(a.slice([0, 1], [4, 2])),
  ),
  AddN: { inputs: [x43, inside, positive], program: (...xs) => tf.addN(xs) },
  All: unary(x => tf.all(x, 1), truths([4, 3])),
  Any: unary(x => tf.any(x, [0], true), truths([4, 3])),
  ArgMax: unary(x => tf.argMax(x, 1)),
  ArgMin: unary(x => tf.argMin(x, 0)),
  Asin: unary(tf.asin, inside),
  Asinh: unary(tf.asinh),
  Atan: unary(tf.atan),
  Atan2: binary((a, b) => tf.atan2(a, b), numbers([5, 3], -2, 2), numbers([5, 3], -2, 2, 7)),
  Atanh: unary(tf.atanh, inside),
  BatchMatMul: several(
    [numbers([2, 4, 3]), numbers([3, 5]), numbers([2, 5, 3], -1, 1, 5), numbers([2, 3, 4], -1, 1, 6)],
    (a, w) => a.matMul(w),
    (a, _, b) => a.matMul(b, false, true),
    (_, w, __, c) => c.matMul(w, true),
    (_, __, b, c) => c.matMul(b, true, true),
    (a, w) => tf.matMul(w, a, true, true),
  ),
  BitwiseAnd: binary((a, b) => kernel('BitwiseAnd', { a, b }) as tf.Tensor, integers([6], 0, 30), integers([6], 0, 30, 3)),
  Cast: several(
    [numbers([6], -3, 3)],
    x => x.cast('int32'),
    x => x.cast('bool'),
    x => x.cast('int32').cast('float32'),
  ),
  Ceil: unary(tf.ceil),
  ClipByValue: unary(x => tf.clipByValue(x, -0.5, 0.7)),
  Concat: several(
    [x43, numbers([4, 2])],
    (a, b) => tf.concat([a, b, a], 1),
    a => tf.concat([a, a], 0),
  ),
  Cos: unary(tf.cos),
  Cosh: unary(tf.cosh),
  Cumprod: several(
    [numbers([3, 5], -2, 2)],
    x => tf.cumprod(x, 1),
    x => tf.cumprod(x, 0, true),
    x => tf.cumprod(x, 1, false, true),
    x => tf.cumprod(x, 1, true, true),
  ),
  Cumsum: several(
    [x43],
    x => tf.cumsum(x, 1),
    x => tf.cumsum(x, 0, true),
    x => tf.cumsum(x, 1, false, true),
    x => tf.cumsum(x, 0, true, true),
  ),
  Diag: unary(x => tf.diag(x), numbers([4])),
  Einsum: several(
    [numbers([2, 3, 4]), numbers([4, 5]), numbers([2, 3])],
    (a, b) => tf.einsum('bij,jk->bik', a, b),
    (a, _, c) => tf.einsum('bij,bi->j', a, c),
    a => tf.einsum('bij->ij', a),
  ),
  Elu: unary(tf.elu),
  EluGrad: unary(tf.elu),
  Equal: binary((a, b) => tf.equal(a, b), integers([4, 3], 0, 3), integers([3], 0, 3, 2)),
  Erf: unary(tf.erf),
  Exp: unary(tf.exp),
  ExpandDims: several(
    [x43],
    x => x.expandDims(1),
    x => x.expandDims(-1),
    x => x.expandDims(0),
  ),
  Expm1: unary(tf.expm1, numbers([4, 3], -1e-3, 1e-3)),
  Fill: unary(x => x.add(tf.fill([4, 3], 2.5))),
  Floor: unary(tf.floor),
  FloorDiv: binary((a, b) => tf.floorDiv(a, b), integers([4, 3], -9, 9), integers([3], 1, 5)),
  FusedBatchNorm: several(
    [numbers([2, 3, 1, 4]), numbers([4]), numbers([4], 0.5, 2, 2), numbers([4], -1, 1, 3), numbers([4], 0.5, 2, 4)],
    (x, mean, variance, offset, scale) =>
      tf.batchNorm(
        x as tf.Tensor4D,
        mean as tf.Tensor1D,
        variance as tf.Tensor1D,
        offset as tf.Tensor1D,
        scale as tf.Tensor1D,
      ),
    // Without scale tfjs cannot take its gradient.
  ),
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
  Greater: binary((a, b) => tf.greater(a, b)),
  GreaterEqual: binary((a, b) => tf.greaterEqual(a, b), integers([4, 3], 0, 3), integers([3], 0, 3, 2)),
  Identity: unary(tf.clone),
  IsFinite: unary(x => tf.isFinite(x.div(x.relu()))),
  IsInf: unary(x => tf.isInf(tf.onesLike(x).div(x.relu()))),
  IsNan: unary(x => tf.isNaN(x.relu().div(x.relu()))),
  LeakyRelu: unary(x => tf.leakyRelu(x, 0.1)),
  Less: binary((a, b) => tf.less(a, b)),
  LessEqual: binary((a, b) => tf.lessEqual(a, b), integers([4, 3], 0, 3), integers([3], 0, 3, 2)),
  LinSpace: unary(x => x.mul(tf.linspace(0, 1, 3))),
  Log: unary(tf.log, positive),
  Log1p: unary(tf.log1p, numbers([4, 3], -1e-3, 1e-3)),
  LogicalAnd: binary((a, b) => tf.logicalAnd(a, b), truths([4, 3]), truths([3], 2)),
  LogicalNot: unary(tf.logicalNot, truths([4, 3])),
  LogicalOr: binary((a, b) => tf.logicalOr(a, b), truths([4, 3]), truths([3], 2)),
  Max: several(
    [x43],
    x => tf.max(x, 1),
    x => tf.max(x, 0, true),
    x => tf.max(x),
  ),
  Maximum: binary((a, b) => tf.maximum(a, b)),
  Mean: several(
    [x43],
    x => tf.mean(x, 1),
    x => tf.mean(x, [0, 1], true),
  ),
  Min: several(
    [x43],
    x => tf.min(x, 1),
    x => tf.min(x, 0, true),
  ),
  Minimum: binary((a, b) => tf.minimum(a, b)),
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
  Mod: binary((a, b) => tf.mod(a, b), numbers([4, 3], -5, 5)),
  Multiply: several(
    [x43, numbers([4, 1]), numbers([3])],
    (a, b) => a.mul(b),
    (a, _, c) => c.mul(a),
  ),
  Neg: unary(tf.neg),
  NotEqual: binary((a, b) => tf.notEqual(a, b), integers([4, 3], 0, 3), integers([3], 0, 3, 2)),
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
  Pow: binary((a, b) => tf.pow(a, b), positive),
  Prelu: binary((x, alpha) => tf.prelu(x, alpha), x43, numbers([3], 0.1, 0.5)),
  Prod: several(
    [numbers([4, 3], -2, 2)],
    x => tf.prod(x, 1),
    x => tf.prod(x, 0, true),
  ),
  Range: several(
    [x43],
    x => x.mul(tf.range(1, 4)),
    x => x.sum().mul(tf.range(0, 700, 2, 'int32').cast('float32').mul(0.001)),
  ),
  RealDiv: binary((a, b) => a.div(b)),
  Reciprocal: unary(tf.reciprocal, positive),
  Relu: unary(tf.relu),
  Relu6: unary(tf.relu6, numbers([4, 3], -3, 9)),
  Reshape: unary(x => x.reshape([2, -1])),
  Reverse: several(
    [x43],
    x => x.reverse(0),
    x => x.reverse([0, 1]),
  ),
  Round: unary(tf.round, numbers([4, 3], -4, 4)),
  Rsqrt: unary(tf.rsqrt, positive),
  ScatterNd: {
    inputs: [integers([6, 2], 0, 2), numbers([6, 3])],
    program: (at, updates) => tf.scatterND(at, updates, [3, 4, 3]),
  },
  SearchSorted: several(
    [numbers([2, 5]), numbers([2, 4], -1, 1, 3)],
    (edges, x) => tf.searchSorted(tf.cumsum(edges.abs(), 1), x.abs()),
    (edges, x) => tf.upperBound(tf.cumsum(edges.abs(), 1), x.abs()),
  ),
  Select: several(
    [truths([4, 3]), truths([4], 2), x43, positive],
    (c, _, a, b) => tf.where(c, a, b),
    (_, c, a, b) => tf.where(c.reshape([4, 1]), a, b),
    (_, __, a, b) => tf.where(a.greater(b.sub(1)), a.square(), b),
  ),
  Selu: unary(tf.selu),
  Sigmoid: unary(tf.sigmoid),
  Sign: unary(tf.sign),
  Sin: unary(tf.sin),
  Sinh: unary(tf.sinh),
  Slice: several(
    [x43],
    x => x.slice([1, 0], [2, 2]),
    x => x.slice([2]),
  ),
  Softmax: several(
    [x43],
    x => tf.softmax(x),
    x => tf.logSoftmax(x),
    x => tf.logSumExp(x, 1),
  ),
  Softplus: unary(tf.softplus),
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
  Sqrt: unary(tf.sqrt, positive),
  Square: unary(tf.square),
  SquaredDifference: binary((a, b) => tf.squaredDifference(a, b)),
  Step: several(
    [x43],
    x => tf.step(x),
    x => tf.step(x, 0.3),
  ),
  StippleGivenGradients: chunked(),
  StippleMapChunks: chunked(),
  StridedSlice: several(
    [numbers([6, 5])],
    x => tf.stridedSlice(x, [1, 0], [6, 5], [2, 3]),
    x => tf.stridedSlice(x, [5, 4], [-7, 0], [-2, -1]),
    // Not with a shrunken axis: there the cpu backend of tfjs takes the wrong row, so it is no oracle.
  ),
  Sub: binary((a, b) => a.sub(b)),
  Sum: several(
    [numbers([40, 6]), truths([4, 3])],
    x => tf.sum(x, 0),
    x => tf.sum(x, 1, true),
    x => tf.sum(x),
    (_, c) => tf.sum(c, 1),
  ),
  Tan: unary(tf.tan, inside),
  Tanh: unary(tf.tanh),
  TensorScatterUpdate: {
    inputs: [numbers([7, 2]), integers([3, 1], 0, 1), numbers([3, 2], 3, 4)],
    program: (x, at, updates) => tf.tensorScatterUpdate(x, at.add(tf.tensor2d([[1], [3], [5]], [3, 1], 'int32')), updates),
  },
  Tile: several(
    [x43, numbers([1, 3])],
    x => tf.tile(x, [2, 3]),
    (_, row) => tf.tile(row, [4, 1]),
  ),
  TopK: several(
    [numbers([3, 7])],
    x => {
      const { values, indices } = tf.topk(x, 3)
      return [values, indices]
    },
    x => tf.topk(x, 2).values,
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
  _FusedMatMul: forwardOnly(
    several(
      [x43, numbers([3, 2]), numbers([2])],
      ...(['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu'] as const).map(
        activation => (a: tf.Tensor, b: tf.Tensor, bias: tf.Tensor) =>
          kernel('_FusedMatMul', { a: a.reshape([1, 4, 3]), b: b.reshape([1, 3, 2]), bias }, attrsOf(activation)),
      ),
    ),
  ),
}

function attrsOf(activation: string): object {
  return { transposeA: false, transposeB: false, activation, leakyreluAlpha: 0.1 }
}

/** A message of two outputs over 12 rows, three at a time. */
function chunked(): Case {
  return {
    inputs: [numbers([12, 3]), integers([12, 1], 0, 3), numbers([3, 5]), numbers([5])],
    program: (x, kind, w, v) => {
      const { a, b } = mapChunks(
        (m: { x: tf.Tensor; kind: tf.Tensor }, s: { w: tf.Tensor; v: tf.Tensor }) => {
          const a = tf.tanh(m.x.matMul(s.w).mul(m.kind.cast('float32')))
          return { a, b: a.mul(s.v).sum(-1) }
        },
        { x, kind },
        { w, v },
        { chunks: 4 },
      )
      return [a, b]
    },
  }
}
