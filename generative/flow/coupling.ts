import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import type { ArrayValue, Tree } from '../../core/index.js'
import { linear, silu } from '../../engine/fused/index.js'
import { conditionOf } from './condition.js'
import type { Elementwise } from './elementwise/elementwise.js'
import { FlowMisfit } from './errors.js'
import type { Bijection } from './flow.js'
import { initLinear, initWeight, type Linear, zeros } from './parameters.js'

export interface CouplingOptions {
  /** at least 2, or 1 with a condition */
  readonly dim: number
  /** length of the condition, 0 for none */
  readonly conditions: number
  readonly hidden: readonly number[]
  readonly elementwise: Elementwise
  /** how many leading axes stay as they are and set the map of the others; default half of them */
  readonly kept?: number
}

/** The first layer has no weights where it sees the condition alone. */
type Params<T> = {
  readonly layers: readonly (Partial<Linear<T>> & { readonly b: T })[]
  readonly condition?: readonly T[]
}

/**
 * Coupling (Dinh, Sohl-Dickstein and Bengio 2017, arXiv 1605.08803, equations 4 and 5): the first axes stay and, with
 * the condition, set the elementwise map of the rest. One pass either way. Identity at first. Put permutations between
 * two of them.
 */
export function coupling(options: CouplingOptions): Bijection {
  const { dim, conditions, hidden, elementwise, kept = Math.floor(dim / 2) } = options
  const moved = dim - kept
  if (moved < 1 || kept < 0 || kept + conditions < 1 || hidden.length === 0) {
    throw new FlowMisfit(
      'expected a coupling with something to see, something to move and a hidden layer',
      `got ${kept} axes kept of ${dim}, ${conditions} conditions, ${hidden.length} hidden layers`,
      'take an autoregressive flow in one dimension without condition',
    )
  }

  function shapeOf(tree: Tree<Tensor>, still: Tensor | undefined, condition: Tensor | undefined): Tensor {
    const p = tree as Params<Tensor>
    const given = conditionOf(condition, conditions)
    let h = still
    for (let i = 0; i < hidden.length; i++) {
      const { w, b } = p.layers[i]
      const enter = given && p.condition ? linear(given, p.condition[i], b) : b
      h = silu(h && w ? linear(h, w).add(enter) : enter)
    }
    const { w, b } = p.layers[hidden.length]
    return linear(h!, w!, b).reshape([-1, moved, elementwise.numbers])
  }
  const parts = (x: Tensor): [Tensor | undefined, Tensor] => {
    if (kept === 0) return [undefined, x]
    const [still, rest] = tf.split(x, [kept, moved], 1)
    return [still, rest]
  }
  const joined = (still: Tensor | undefined, rest: Tensor): Tensor => (still ? tf.concat([still, rest], 1) : rest)

  return {
    name: `coupling of ${elementwise.name}`,
    dim,
    conditions,
    init(key): Params<ArrayValue> {
      const widths = [kept, ...hidden]
      const layers = hidden.map((width, i) =>
        widths[i] > 0 ? initLinear(key.split('layer').split(i), widths[i], width) : { b: zeros([width]) },
      )
      const numbers = moved * elementwise.numbers
      const out = { w: zeros([widths.at(-1)!, numbers]), b: zeros([numbers]) }
      const enter = hidden.map((width, i) => initWeight(key.split('condition').split(i), conditions, width))
      return { layers: [...layers, out], ...(conditions > 0 ? { condition: enter } : {}) }
    },
    forwardAndLogDet(params, x, condition) {
      const [still, rest] = parts(x)
      const { y, logSlope } = elementwise.forward(rest, shapeOf(params, still, condition))
      return { y: joined(still, y), logDet: logSlope.sum(1) }
    },
    inverseAndLogDet(params, y, condition) {
      const [still, rest] = parts(y)
      const { x, logSlope } = elementwise.inverse(rest, shapeOf(params, still, condition))
      return { x: joined(still, x), logDet: logSlope.sum(1) }
    },
  }
}
