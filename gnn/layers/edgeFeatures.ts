import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'

/** Gaussians in the logarithm of the distance, `count` of them from `from` to `to` (the unit of the displacements). */
export interface RadialBasis {
  readonly count: number
  readonly from: number
  readonly to: number
}

/**
 * Lengths `[batch, points, k, 1]` of displacements `[batch, points, k, dim]`. A small term keeps the gradient finite at
 * 0.
 */
export function lengths(displacements: Tensor): Tensor {
  return displacements.square().sum(-1, true).add(1e-12).sqrt()
}

/**
 * What an edge knows of its own length: r / to, and Gaussians in log r whose width is their spacing.
 *
 * @param r `[batch, points, k, 1]`
 * @returns `[batch, points, k, 1 + count]`
 */
export function radialFeatures(r: Tensor, { count, from, to }: RadialBasis): Tensor {
  const scaled = r.div(to)
  if (count === 0) return scaled
  const step = count > 1 ? Math.log(to / from) / (count - 1) : 1
  const centres = Array.from({ length: count }, (_, i) => (Math.log(from) + i * step) / step)
  const away = r.log().div(step).sub(tf.tensor1d(centres))
  return tf.concat([scaled, away.square().mul(-0.5).exp()], -1)
}

/** Number of channels of radialFeatures. */
export function radialChannels(basis: RadialBasis): number {
  return 1 + basis.count
}
