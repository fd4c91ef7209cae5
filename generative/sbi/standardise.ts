import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import { asTensor, fixed } from '../flow/fixed.js'
import { normalShare } from '../flow/normalQuantile.js'
import { bendAt, type SimulationStatistics } from './simulationStatistics.js'

/** `standardised` within a program: x `[batch, observations]` as simulated. */
export function standardise({ centre, scale, observations }: SimulationStatistics, x: Tensor): Tensor {
  const u = x.sub(asTensor(fixed([observations], i => centre[i]))).div(asTensor(fixed([observations], i => scale[i])))
  const inside = u.clipByValue(-bendAt, bendAt)
  const beyond = u.sub(inside)
  return inside.add(tf.sign(beyond).mul(beyond.abs().log1p()))
}

/** `toldTwice` within a program. */
export function tellTwice(z: Tensor): Tensor {
  return tf.concat([z, normalShare(z).sub(0.5).mul(Math.sqrt(12))], 1)
}
