import * as tf from '@tensorflow/tfjs'
import { gradient, through, unbroadcast } from './gradient.js'

/** tfjs' own forgets to undo its transpose along all axes but the last. */
gradient<tf.CumsumAttrs>('Cumsum', {}, (dy, _, { axis, exclusive, reverse }) => ({
  x: () => tf.cumsum(dy, axis, exclusive, !reverse),
}))

/** Divided before it is broadcast, not after. */
gradient<tf.MeanAttrs>('Mean', { inputs: ['x'] }, (dy, [x], { axis }) => ({
  x: () => {
    const axes = tf.util.parseAxisParam(axis, x.shape)
    const kept = tf.backend_util.expandShapeToKeepDim(
      [...x.shape].filter((_, i) => !axes.includes(i)),
      axes,
    )
    const count = axes.reduce((product, i) => product * x.shape[i], 1)
    return dy
      .mul(1 / count)
      .reshape(kept)
      .mul(tf.ones(x.shape))
  },
}))

/** tfjs' own has the broadcast shape. At a tie the first operand takes all. */
for (const [kernelName, firstWins] of [
  ['Maximum', tf.greaterEqual],
  ['Minimum', tf.lessEqual],
] as const) {
  gradient(kernelName, { inputs: ['a', 'b'] }, (dy, [a, b]) => {
    const toFirst = firstWins(a, b).cast('float32')
    return {
      a: () => unbroadcast(dy.mul(toFirst), a.shape),
      b: () => unbroadcast(dy.mul(tf.scalar(1).sub(toFirst)), b.shape),
    }
  })
}

gradient('SquaredDifference', { inputs: ['a', 'b'] }, (dy, [a, b]) => {
  const slope = dy.mul(a.sub(b)).mul(2)
  return { a: () => unbroadcast(slope, a.shape), b: () => unbroadcast(slope.neg(), b.shape) }
})

/** By doubling, as it is computed: no division, so zeros among the factors do no harm. */
gradient<tf.CumprodAttrs>('Cumprod', { inputs: ['x'] }, (dy, [x], { axis, exclusive, reverse }) => ({
  x: () => {
    const at = axis < 0 ? axis + x.rank : axis
    return through(inner => cumulativeProduct(inner, at, exclusive, reverse), x, dy)
  },
}))

function cumulativeProduct(x: tf.Tensor, axis: number, exclusive: boolean, reverse: boolean): tf.Tensor {
  const length = x.shape[axis]
  const moved = (y: tf.Tensor, step: number): tf.Tensor => {
    const begin = y.shape.map((_, i) => (i === axis && reverse ? step : 0))
    const size = y.shape.map((full, i) => (i === axis ? length - step : full))
    const pads = y.shape.map((_, i): [number, number] => (i !== axis ? [0, 0] : reverse ? [0, step] : [step, 0]))
    return y.slice(begin, size).pad(pads, 1)
  }
  let product = exclusive ? moved(x, 1) : x
  for (let step = 1; step < length; step *= 2) product = product.mul(moved(product, step))
  return product
}

gradient('Diag', { inputs: ['x'] }, (dy, [x]) => ({
  x: () => {
    const places = tf.range(0, x.size, 1, 'int32').mul(tf.scalar(x.size + 1, 'int32'))
    return dy.flatten().gather(places).reshape(x.shape)
  },
}))

/**
 * What has no slope. tfjs gives up where such a value stands between input and loss, as in `where(x.greater(0), …)`.
 */
const inputNames: Readonly<Record<string, readonly string[]>> = {
  All: ['x'],
  Any: ['x'],
  BitwiseAnd: ['a', 'b'],
  Equal: ['a', 'b'],
  Greater: ['a', 'b'],
  GreaterEqual: ['a', 'b'],
  Less: ['a', 'b'],
  LessEqual: ['a', 'b'],
  LogicalAnd: ['a', 'b'],
  LogicalNot: ['x'],
  LogicalOr: ['a', 'b'],
  NotEqual: ['a', 'b'],
  SearchSorted: ['sortedSequence', 'values'],
}
for (const [kernelName, inputs] of Object.entries(inputNames)) {
  gradient(kernelName, { inputs: [...inputs] }, (_, saved) =>
    Object.fromEntries(saved.map((x, i) => [inputs[i], () => tf.zeros(x.shape, 'float32')])),
  )
}
