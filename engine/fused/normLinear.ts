import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import { constant, emit, isTracing, onceInTrace } from '../index.js'
import { linear } from './linear.js'
import { product } from './product.js'
import { kept, withGradient } from './withGradient.js'

/** Added to the variance, as in PyTorch. */
const normEpsilon = 1e-5

/**
 * (x - mean) / sqrt(variance + 1e-5) over the last axis (Ba, Kiros and Hinton 2016, arXiv 1607.06450), without gain and
 * bias.
 */
export function normalise(x: Tensor): Tensor {
  if (!isTracing()) {
    const centred = x.sub(x.mean(-1, true))
    return centred.mul(centred.square().mean(-1, true).add(normEpsilon).rsqrt())
  }
  return withGradient([x], x => {
    const { unit, inverse } = kept(normalisation(x))
    return { value: unit, gradient: dy => [throughNorm(dy.sub(dy.mean(-1, true)), unit, inverse)] }
  })
}

export interface NormLinear {
  /** `[inputs]`, or `[batch, 1, inputs]` where a condition sets it for every cloud */
  readonly gain: Tensor
  /** as `gain` */
  readonly shift: Tensor
  /** `[inputs, outputs]` */
  readonly w: Tensor
  /** `[outputs]` */
  readonly b: Tensor
}

/** Layer norm and the linear map after it: (gain * normalise(x) + shift) W + b. x `[batch, points, inputs]`. */
export function normLinear(x: Tensor, p: NormLinear): Tensor {
  if (!isTracing()) return linear(normalise(x).mul(p.gain).add(p.shift), p.w, p.b)
  return withGradient([x, p.gain, p.shift, p.w, p.b], (x, gain, shift, w, b) => {
    const groups = groupsOf(x, gain)
    const { unit, inverse } = kept(normalisation(x.reshape(groups)))
    const folded = kept(fold({ gain, shift, w, b }))
    const y = product(unit, folded.weight).add(folded.bias)
    return {
      value: y.reshape([...x.shape.slice(0, -1), w.shape[1]!]),
      gradient: dy => {
        const rows = dy.reshape([groups[0], groups[1], w.shape[1]!])
        const dUnit = product(rows, folded.weight, { transB: true })
        const dWeight = product(unit, rows, { transA: true })
        return [
          throughNorm(dUnit, unit, inverse).reshape(x.shape),
          ...unfold({ gain, shift, w, b }, dWeight, groupSums(rows)),
        ]
      },
    }
  })
}

/** Rows that share gain and shift, as `[groups, rows, inputs]`: one group, or one a cloud. */
export function groupsOf(x: Tensor, gain: Tensor): [number, number, number] {
  const inputs = x.shape.at(-1)!
  const groups = gain.size / inputs
  return [groups, x.size / inputs / groups, inputs]
}

/** The normalised x and the inverse deviation of its rows, `[…, 1]`. */
export function normalisation(x: Tensor): { unit: Tensor; inverse: Tensor } {
  const inputs = x.shape.at(-1)!
  const one = onceInTrace(`gain ${inputs}`, () => constant(new Float32Array(inputs).fill(1), [inputs]))
  const rows = { shape: [...x.shape.slice(0, -1), 1] }
  const attributes = { axis: -1, epsilon: { float: normEpsilon } }
  const [unit, , inverse] = emit('LayerNormalization', [x, one], [{ shape: x.shape }, rows, rows], attributes)
  return { unit, inverse }
}

/**
 * Gradient of the normalisation, inverse * (d - unit * mean(d * unit)), for a d of zero mean over the last axis. Behind
 * a folded weight it has that by itself.
 */
export function throughNorm(d: Tensor, unit: Tensor, inverse: Tensor): Tensor {
  return d.sub(unit.mul(d.mul(unit).mean(-1, true))).mul(inverse)
}

/**
 * Gain and shift folded into the weight that follows, and the weight centred over its inputs (its product with a
 * normalised row is the same): so the gradient that comes back through it has zero mean. Small products instead of
 * passes over all rows.
 *
 * @returns weight `[groups, inputs, outputs]`, bias `[groups, 1, outputs]`
 */
export function fold({ gain, shift, w, b }: NormLinear): { weight: Tensor; bias: Tensor } {
  const [inputs, outputs] = w.shape
  const weight = gain.reshape([-1, inputs, 1]).mul(w.expandDims(0))
  const bias = product(shift.reshape([-1, inputs]), w).add(b)
  return { weight: weight.sub(weight.mean(1, true)), bias: bias.reshape([-1, 1, outputs]) }
}

/** Gradients of gain, shift, w and b from those of the folded weight and bias; `sums` is `[groups, 1, outputs]`. */
export function unfold(
  { gain, shift, w }: NormLinear,
  dWeight: Tensor,
  sums: Tensor,
): [Tensor, Tensor, Tensor, Tensor] {
  const [inputs, outputs] = w.shape
  const bySum = sums.reshape([-1, outputs])
  const dGain = dWeight.mul(w.expandDims(0)).sum(2).reshape(gain.shape)
  const dShift = product(bySum, w, { transB: true }).reshape(shift.shape)
  const scaled = dWeight.mul(gain.reshape([-1, inputs, 1]))
  const alone = bySum.shape[0] === 1
  const dW = (alone ? scaled.squeeze([0]) : scaled.sum(0)).add(
    product(shift.reshape([-1, inputs]), bySum, { transA: true }),
  )
  return [dGain, dShift, dW, alone ? bySum.squeeze([0]) : bySum.sum(0)]
}

/** Sums over the rows of every group: `[groups, rows, outputs]` to `[groups, 1, outputs]`, as a product with ones. */
export function groupSums(rows: Tensor): Tensor {
  const [groups, count] = rows.shape
  const ones = onceInTrace(`rows of ones ${groups} ${count}`, () => tf.ones([groups, 1, count]))
  return product(ones, rows)
}
