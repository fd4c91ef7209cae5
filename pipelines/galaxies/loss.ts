import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import type { Network, Tree } from '../../core/index.js'
import { torusLoss } from '../../generative/diffusion/index.js'
import type { GalaxiesConfig } from './config.js'
import { type NoisedInput, noiseRange, residualNoise } from './network.js'

/** Inputs of a training step: see examples.ts. */
export interface LossInput extends NoisedInput {
  /** `[batch, points, 3]` the noise that was added, zero at padding */
  readonly noise: Tensor
  /** `[batch, points]` 1 where a point counts; absent where all real ones do (`cropBatch`) */
  readonly weight?: Tensor
}

export interface GalaxiesLoss {
  /** scalar; for `vdm` the diffusion term of the bound in nats a point */
  readonly loss: Tensor
  /** `[batch]` sums over real points of |noise|^2 */
  readonly variance: Tensor
  /** `[batch]` what is left of it after the pair score and the network */
  readonly residual: Tensor
  /** `[batch]` sums of network . (noise - pairs) and |network|^2: what the best gain is found from */
  readonly overlap: Tensor
  readonly power: Tensor
}

/**
 * The loss of the network under the pair score. Noise levels are drawn log-uniformly, for which the weight of the
 * variational bound is the same at all levels: `vdm` and `eps` differ by a constant factor, `x` and `v` favour the
 * large levels. `flow-matching` draws t uniformly and weighs the square error of the velocity, which is scale * noise,
 * alike at all t.
 */
export function galaxiesLoss(network: Network, config: GalaxiesConfig, box: number) {
  const { sigmaMin, sigmaMax } = noiseRange(config, box)
  const slope = -2 * Math.log(sigmaMax / sigmaMin)
  return (params: Tree<Tensor>, input: LossInput): GalaxiesLoss => {
    const { noise, sigma } = input
    const mask = input.weight ?? input.mask
    const predicted = residualNoise(network, { config, box }, params, input)
    const target = input.pairNoise ? noise.sub(input.pairNoise) : noise
    const parts = torusLoss(() => predicted, {
      lifted: input.positions,
      target,
      logSnr: sigma.log().mul(-2),
      slope: tf.fill([sigma.shape[0] ?? 1], slope),
      mask,
    })
    const real = mask.expandDims(2)
    const count = tf.maximum(mask.sum(), 1).mul(3)
    const loss =
      config.objective === 'vdm'
        ? parts.loss
        : parts.residual
            .mul(levelWeight(config.objective, sigma, box))
            .sum()
            .div(count)
    return {
      loss,
      residual: parts.residual,
      variance: noise.mul(real).square().sum([1, 2]),
      overlap: predicted.mul(target).mul(real).sum([1, 2]),
      power: predicted.square().mul(real).sum([1, 2]),
    }
  }
}

/**
 * Weight of |eps - eps_hat|^2 at a level: 1 for eps; the square error of x, sigma^2, and of v, 1 + sigma^2, in units of
 * the uniform distribution's standard deviation, box / sqrt(12).
 */
function levelWeight(objective: Exclude<GalaxiesConfig['objective'], 'vdm'>, sigma: Tensor, box: number): Tensor {
  const scaled = sigma.mul(Math.sqrt(12) / box).square()
  if (objective === 'eps' || objective === 'flow-matching') return tf.onesLike(sigma)
  return objective === 'x' ? scaled : scaled.add(1)
}
