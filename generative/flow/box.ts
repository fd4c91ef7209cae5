import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import type { ArrayValue } from '../../core/index.js'
import { FlowMisfit } from './errors.js'
import { asTensor, fixed } from './fixed.js'
import type { Bijection } from './flow.js'
import { normalQuantile, normalShare } from './normalQuantile.js'

/** What a parameter that was stored in float32 and computed with may leave its box by, as a share of its width. */
const wallRounding = 1e-5

/**
 * R^dim onto the open box between low and high, by the normal distribution function of every axis. So a standard normal
 * becomes uniform in the box: an identity flow before it is a uniform prior, and no flow puts mass outside.
 *
 * float32 resolves the box up to 2^-24 of its width, which is 5.3 standard deviations; what lies closer to a wall, or
 * outside, is taken to lie there by the inverse, whose log-determinant is -Infinity outside of the box (by more than
 * rounding).
 */
export function normalBox(low: readonly number[], high: readonly number[]): Bijection {
  const dim = low.length
  if (dim === 0 || high.length !== dim || !low.every((x, i) => Number.isFinite(high[i] - x) && x < high[i])) {
    throw new FlowMisfit(
      'expected a box with low < high along every axis',
      `got low [${low.join(', ')}], high [${high.join(', ')}]`,
      'give finite limits',
    )
  }
  const corner = fixed([dim], i => low[i])
  const width = fixed([dim], i => high[i] - low[i])
  const logVolume = low.reduce((sum, x, i) => sum + Math.log(high[i] - x), 0)
  const isUnit = low.every((x, i) => x === 0 && high[i] === 1)
  const constant = logVolume - (dim / 2) * Math.log(2 * Math.PI)
  const logDetAt = (x: Tensor): Tensor => x.square().sum(1).mul(-0.5).add(constant)

  return {
    name: isUnit ? 'normal distribution function' : 'normal distribution function onto a box',
    dim,
    conditions: 0,
    init: (): Record<string, ArrayValue> => ({}),
    forwardAndLogDet(_, x) {
      const share = normalShare(x)
      const y = isUnit ? share : share.mul(asTensor(width)).add(asTensor(corner))
      return { y, logDet: logDetAt(x) }
    },
    inverseAndLogDet(_, y) {
      const share = isUnit ? y : y.sub(asTensor(corner)).div(asTensor(width))
      const x = normalQuantile(share)
      const isInside = share
        .greaterEqual(-wallRounding)
        .logicalAnd(share.lessEqual(1 + wallRounding))
        .all(1)
      return { x, logDet: tf.where(isInside, logDetAt(x).neg(), Number.NEGATIVE_INFINITY) }
    },
  }
}

/** R^dim onto the unit cube. */
export function unitCube(dim: number): Bijection {
  return normalBox(Array<number>(dim).fill(0), Array<number>(dim).fill(1))
}
