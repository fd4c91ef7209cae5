import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'

export interface NoiseEmbedding {
  /** length of the embedding, even */
  readonly channels: number
  /** log SNR at the clean and at the noisy end: what maps to 1 and to 0 */
  readonly logSnrRange: readonly [noisy: number, clean: number]
}

/**
 * Sines and cosines of the noise level, so that a network distinguishes neighbouring levels: with u the log SNR scaled
 * to [0, 1], sin(omega u) and cos(omega u) at omega from pi/2 to pi/2 * 64, evenly in log omega. (The scaling is the
 * point: raw time in a sinusoidal embedding made for whole steps is a known defect.) After Vaswani et al. 2017, arXiv
 * 1706.03762, section 3.5.
 *
 * @param logSnr  `[batch]`, natural logarithm of signal variance over noise variance
 * @returns `[batch, channels]`
 */
export function noiseEmbedding(logSnr: Tensor, { channels, logSnrRange: [noisy, clean] }: NoiseEmbedding): Tensor {
  const half = channels / 2
  const omegas = Array.from({ length: half }, (_, i) => (Math.PI / 2) * 64 ** (half > 1 ? i / (half - 1) : 0))
  const u = logSnr.sub(noisy).div(clean - noisy)
  const angles = u.reshape([-1, 1]).mul(tf.tensor2d(omegas, [1, half]))
  return tf.concat([angles.sin(), angles.cos()], -1)
}
