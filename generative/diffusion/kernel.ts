import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'

/**
 * The forward process z = alpha x + sigma eps, by its log signal-to-noise ratio log(alpha^2 / sigma^2).
 * Kingma et al. 2021, arXiv 2107.00630, section 3.1.
 */
export interface NoiseLevel {
  readonly alpha: number
  readonly sigma: number
}

/** alpha^2 = sigmoid(logSnr), sigma^2 = sigmoid(-logSnr): variance preserving. */
export function variancePreserving(logSnr: number): NoiseLevel {
  return { alpha: 1 / Math.sqrt(1 + Math.exp(-logSnr)), sigma: 1 / Math.sqrt(1 + Math.exp(logSnr)) }
}

/** alpha = 1, sigma = exp(-logSnr / 2): variance exploding, the convention of the samplers. */
export function varianceExploding(logSnr: number): NoiseLevel {
  return { alpha: 1, sigma: Math.exp(-logSnr / 2) }
}

/** q(z_t | z_s) = N(alpha z_s, sigma^2), s < t. Kingma et al. 2021, equations 20 and 21. */
export function transition(s: NoiseLevel, t: NoiseLevel): NoiseLevel {
  const alpha = t.alpha / s.alpha
  return { alpha, sigma: Math.sqrt(Math.max(0, t.sigma ** 2 - (alpha * s.sigma) ** 2)) }
}

/** q(z_s | z_t, x) = N(ofNoisy z_t + ofClean x, sd^2), s < t. Kingma et al. 2021, equations 25 to 28. */
export function posterior(s: NoiseLevel, t: NoiseLevel): { ofNoisy: number; ofClean: number; sd: number } {
  const step = transition(s, t)
  const share = t.sigma ** 2
  return {
    ofNoisy: (step.alpha * s.sigma ** 2) / share,
    ofClean: (s.alpha * step.sigma ** 2) / share,
    sd: (step.sigma * s.sigma) / t.sigma,
  }
}

/** One number a cloud, `[batch]`, shaped to act on `[batch, points, channels]`. */
export function perCloud(value: Tensor): Tensor {
  return tf.reshape(value, [-1, 1, 1])
}

/** alpha and sigma of the variance-preserving process in a program: logSnr `[batch]` to `[batch, 1, 1]`. */
export function alphaSigma(logSnr: Tensor): { alpha: Tensor; sigma: Tensor } {
  const level = perCloud(logSnr)
  return { alpha: tf.sqrt(tf.sigmoid(level)), sigma: tf.sqrt(tf.sigmoid(tf.neg(level))) }
}

/** z = alpha x + sigma eps: x and noise `[batch, points, channels]`, logSnr `[batch]`. */
export function diffuse(x: Tensor, noise: Tensor, logSnr: Tensor): Tensor {
  const { alpha, sigma } = alphaSigma(logSnr)
  return tf.add(tf.mul(alpha, x), tf.mul(sigma, noise))
}
