import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import type { ArrayValue, Tree } from '../../core/index.js'
import { linear, silu } from '../../engine/fused/index.js'
import { conditionOf } from './condition.js'
import type { Elementwise } from './elementwise/elementwise.js'
import { FlowMisfit } from './errors.js'
import { asTensor } from './fixed.js'
import type { Bijection } from './flow.js'
import { autoregressiveMasks } from './masks.js'
import { initWeight, type Linear, zeros } from './parameters.js'

export interface AutoregressiveOptions {
  readonly dim: number
  /** length of the condition, 0 for none */
  readonly conditions: number
  /** widths of the hidden layers, one at least */
  readonly hidden: readonly number[]
  readonly elementwise: Elementwise
  /** the axes in the order in which each sees those before it; default 0, 1, 2, … */
  readonly order?: readonly number[]
}

type Params<T> = { readonly layers: readonly Linear<T>[]; readonly condition?: readonly T[] }

/**
 * Masked autoregressive map (Papamakarios, Pavlakou and Murray 2017, arXiv 1705.07057, section 3.1): y_i is an
 * elementwise map of x_i set by x_1 … x_{i-1} and the condition, from one masked network; the condition enters every
 * hidden layer. Forward is one pass, the inverse one pass of the hidden layers an axis. Identity at first.
 */
export function autoregressive(options: AutoregressiveOptions): Bijection {
  const { dim, conditions, hidden, elementwise, order = Array.from({ length: dim }, (_, i) => i) } = options
  const { numbers } = elementwise
  if (hidden.length === 0 || [...order].sort((a, b) => a - b).some((axis, i) => axis !== i) || order.length !== dim) {
    throw new FlowMisfit(
      `expected a hidden layer and an order of the ${dim} axes`,
      `got ${hidden.length} hidden layers and the order [${order.join(', ')}]`,
      'give hidden: [128, 128] and every axis once',
    )
  }
  const position = order.map((_, axis) => order.indexOf(axis))
  const { layers: masks } = autoregressiveMasks(position, hidden, numbers, conditions)

  /** Masked weights are made once; what the condition adds to the hidden layers too. */
  function network(tree: Tree<Tensor>, condition: Tensor | undefined) {
    const p = tree as Params<Tensor>
    const given = conditionOf(condition, conditions)
    const weights = p.layers.map((layer, i) => layer.w.mul(asTensor(masks[i])))
    const biases = p.layers.map((layer, i) =>
      given && p.condition?.[i] ? linear(given, p.condition[i], layer.b) : layer.b,
    )
    const last = hidden.length
    const afterFirst = (first: Tensor): Tensor => {
      let h = silu(first)
      for (let i = 1; i < last; i++) h = silu(linear(h, weights[i]).add(biases[i]))
      return h
    }
    return {
      hiddenOf: (x: Tensor) => afterFirst(linear(x, weights[0]).add(biases[0])),
      afterFirst,
      first: { weight: weights[0], bias: biases[0] },
      shapes: (h: Tensor) => linear(h, weights[last], biases[last]).reshape([-1, dim, numbers]),
      shapeOf: (h: Tensor, axis: number) => {
        const columns = weights[last].slice([0, axis * numbers], [-1, numbers])
        return linear(h, columns, biases[last].slice([axis * numbers], [numbers])).expandDims(1)
      },
    }
  }

  return {
    name: `autoregressive ${elementwise.name}`,
    dim,
    conditions,
    init(key): Params<ArrayValue> {
      const widths = [dim, ...hidden]
      const layers = hidden.map((width, i) => {
        const { values } = masks[i]
        const fanIn = values.reduce((sum, one) => sum + one, 0) / width
        return { w: initWeight(key.split('layer').split(i), widths[i], width, { fanIn }), b: zeros([width]) }
      })
      const out = { w: zeros([widths.at(-1)!, dim * numbers]), b: zeros([dim * numbers]) }
      const enter = hidden.map((width, i) => initWeight(key.split('condition').split(i), conditions, width))
      return { layers: [...layers, out], ...(conditions > 0 ? { condition: enter } : {}) }
    },
    forwardAndLogDet(params, x, condition) {
      const net = network(params, condition)
      const { y, logSlope } = elementwise.forward(x, net.shapes(net.hiddenOf(x)))
      return { y, logDet: logSlope.sum(1) }
    },
    inverseAndLogDet(params, y, condition) {
      const net = network(params, condition)
      const batch = y.shape[0]
      const found: Tensor[] = []
      const slopes: Tensor[] = []
      let first = tf.zeros([batch, hidden[0]]).add(net.first.bias)
      for (const axis of order) {
        const shape = net.shapeOf(net.afterFirst(first), axis)
        const { x, logSlope } = elementwise.inverse(y.slice([0, axis], [batch, 1]), shape)
        first = first.add(x.mul(net.first.weight.slice([axis, 0], [1, hidden[0]])))
        found[axis] = x
        slopes.push(logSlope)
      }
      return { x: tf.concat(found, 1), logDet: tf.concat(slopes, 1).sum(1) }
    },
  }
}
