import * as tf from '@tensorflow/tfjs'
import { mapChunks } from '../../../../engine/index.js'
import { integers, numbers, truths } from '../inputs.js'
import { type Case, forwardOnly, inside, kernel, positive, several, unary, x43 } from './case.js'

/** Examples of kernels that combine entries: products, reductions, cumulative, sorting, chunks. */
export const sumsCases: Readonly<Record<string, Case>> = {
  AddN: { inputs: [x43, inside, positive], program: (...xs) => tf.addN(xs) },
  All: unary(x => tf.all(x, 1), truths([4, 3])),
  Any: unary(x => tf.any(x, [0], true), truths([4, 3])),
  ArgMax: unary(x => tf.argMax(x, 1)),
  ArgMin: unary(x => tf.argMin(x, 0)),
  BatchMatMul: several(
    [numbers([2, 4, 3]), numbers([3, 5]), numbers([2, 5, 3], -1, 1, 5), numbers([2, 3, 4], -1, 1, 6)],
    (a, w) => a.matMul(w),
    (a, _, b) => a.matMul(b, false, true),
    (_, w, __, c) => c.matMul(w, true),
    (_, __, b, c) => c.matMul(b, true, true),
    (a, w) => tf.matMul(w, a, true, true),
  ),
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
  Einsum: several(
    [numbers([2, 3, 4]), numbers([4, 5]), numbers([2, 3])],
    (a, b) => tf.einsum('bij,jk->bik', a, b),
    (a, _, c) => tf.einsum('bij,bi->j', a, c),
    a => tf.einsum('bij->ij', a),
  ),
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
  Max: several(
    [x43],
    x => tf.max(x, 1),
    x => tf.max(x, 0, true),
    x => tf.max(x),
  ),
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
  Prod: several(
    [numbers([4, 3], -2, 2)],
    x => tf.prod(x, 1),
    x => tf.prod(x, 0, true),
  ),
  SearchSorted: several(
    [numbers([2, 5]), numbers([2, 4], -1, 1, 3)],
    (edges, x) => tf.searchSorted(tf.cumsum(edges.abs(), 1), x.abs()),
    (edges, x) => tf.upperBound(tf.cumsum(edges.abs(), 1), x.abs()),
  ),
  Softmax: several(
    [x43],
    x => tf.softmax(x),
    x => tf.logSoftmax(x),
    x => tf.logSumExp(x, 1),
  ),
  StippleGivenGradients: chunked(),
  StippleMapChunks: chunked(),
  Sum: several(
    [numbers([40, 6]), truths([4, 3])],
    x => tf.sum(x, 0),
    x => tf.sum(x, 1, true),
    x => tf.sum(x),
    (_, c) => tf.sum(c, 1),
  ),
  TopK: several(
    [numbers([3, 7])],
    x => {
      const { values, indices } = tf.topk(x, 3)
      return [values, indices]
    },
    x => tf.topk(x, 2).values,
  ),
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
