import type * as tf from '@tensorflow/tfjs'
import { int, node } from '../trace/emit.js'
import { same } from './elementwise.js'
import { filled } from './fill.js'
import { concat } from './layout.js'
import { lower } from './lower.js'
import { axisOf, withLength } from './shape.js'
import { slice } from './slice.js'

lower<tf.CumsumInputs, tf.CumsumAttrs>('Cumsum', ({ x }, { axis, exclusive, reverse }) => {
  const at = axisOf(axis, x.shape.length)
  return node('CumSum', [x, int(at)], same(x), { exclusive: +exclusive, reverse: +reverse })
})

/** ONNX has no cumulative product: log2(n) products with itself moved by 1, 2, 4, … (Hillis and Steele 1986). */
lower<tf.CumprodInputs, tf.CumprodAttrs>('Cumprod', ({ x }, { axis, exclusive, reverse }) => {
  const at = axisOf(axis, x.shape.length)
  const length = x.shape[at]
  let product = exclusive ? moved(x, 1, at, reverse) : x
  for (let step = 1; step < length; step *= 2) {
    product = node('Mul', [product, moved(product, step, at, reverse)], same(x))
  }
  return product
})

/** Entries moved up by `step` (down where reversed), with ones where none came. */
function moved(x: tf.TensorInfo, step: number, axis: number, reverse: boolean): tf.TensorInfo {
  const length = x.shape[axis]
  const ones = filled(1, withLength(x.shape, axis, Math.min(step, length)), 'float32')
  if (step >= length) return ones
  const begin = x.shape.map((_, i) => (i === axis && reverse ? step : 0))
  const kept = slice(x, begin, withLength(x.shape, axis, length - step))
  return concat(reverse ? [kept, ones] : [ones, kept], axis)
}
