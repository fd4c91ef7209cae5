import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import type { Denoiser, State } from '../../core/index.js'
import { alphaSigma, type NoiseLevel, variancePreserving } from './kernel.js'
import { logSnrOfSigma } from './sigmas.js'
import { weightedSum } from './state.js'

/**
 * What a network predicts of z = alpha x + sigma eps: the noise `eps`, the clean `x`, or the velocity `v` = alpha eps -
 * sigma x (Salimans and Ho 2022, arXiv 2202.00512, appendix D). Any one of them, with z, gives the others.
 */
export type Prediction = 'eps' | 'x' | 'v'

/** Weights of z and of the prediction in x and in eps. */
export interface Conversion {
  readonly clean: readonly [ofNoisy: number, ofPrediction: number]
  readonly noise: readonly [ofNoisy: number, ofPrediction: number]
}

/** How to read a prediction at a level of any process. */
export function conversion(kind: Prediction, { alpha, sigma }: NoiseLevel): Conversion {
  const power = alpha ** 2 + sigma ** 2
  switch (kind) {
    case 'eps':
      return { clean: [1 / alpha, -sigma / alpha], noise: [0, 1] }
    case 'x':
      return { clean: [0, 1], noise: [1 / sigma, -alpha / sigma] }
    case 'v':
      return { clean: [alpha / power, -sigma / power], noise: [sigma / power, alpha / power] }
  }
}

/** The exact prediction of a kind: what a network is trained towards. */
export function targetOf(kind: Prediction, x: Tensor, noise: Tensor, logSnr: Tensor): Tensor {
  if (kind === 'eps') return noise
  if (kind === 'x') return x
  const { alpha, sigma } = alphaSigma(logSnr)
  return tf.sub(tf.mul(alpha, noise), tf.mul(sigma, x))
}

/** x behind z by a prediction; z and prediction `[batch, points, channels]`, logSnr `[batch]`. */
export function cleanOf(kind: Prediction, prediction: Tensor, z: Tensor, logSnr: Tensor): Tensor {
  if (kind === 'x') return prediction
  const { alpha, sigma } = alphaSigma(logSnr)
  if (kind === 'v') return tf.sub(tf.mul(alpha, z), tf.mul(sigma, prediction))
  return tf.div(tf.sub(z, tf.mul(sigma, prediction)), alpha)
}

/** eps in z by a prediction. */
export function noiseOf(kind: Prediction, prediction: Tensor, z: Tensor, logSnr: Tensor): Tensor {
  if (kind === 'eps') return prediction
  const { alpha, sigma } = alphaSigma(logSnr)
  if (kind === 'v') return tf.add(tf.mul(sigma, z), tf.mul(alpha, prediction))
  return tf.div(tf.sub(z, tf.mul(alpha, prediction)), sigma)
}

/** grad log q(z) = -eps / sigma. */
export function scoreOf(kind: Prediction, prediction: Tensor, z: Tensor, logSnr: Tensor): Tensor {
  return tf.neg(tf.div(noiseOf(kind, prediction, z, logSnr), alphaSigma(logSnr).sigma))
}

/**
 * A trained network as the denoiser that samplers take. From the variance-preserving process, x = z / alpha lives in
 * the variance-exploding one, with sigma = sqrt(1 - alpha^2) / alpha.
 *
 * @param process the one it was trained in: `variancePreserving` (the default) or `varianceExploding`
 */
export function denoiserFrom(
  kind: Prediction,
  predict: (z: State, logSnr: number) => Promise<State>,
  process: (logSnr: number) => NoiseLevel = variancePreserving,
): Denoiser {
  return async (x, sigma) => {
    const logSnr = logSnrOfSigma(sigma)
    const level = process(logSnr)
    const z: State = { shape: x.shape, values: x.values.map(value => level.alpha * value) }
    const [ofNoisy, ofPrediction] = conversion(kind, level).clean
    return weightedSum(ofNoisy, z, ofPrediction, await predict(z, logSnr))
  }
}

/**
 * Karras et al. 2022, arXiv 2206.00364, table 1: D = skip x + out F(input x; noise). With data of sd 1 F is -v.
 *
 * @param dataSd of the data, in their unit
 */
export function edmPreconditioning(
  sigma: number,
  dataSd: number,
): { skip: number; out: number; input: number; noise: number } {
  const total = sigma ** 2 + dataSd ** 2
  return {
    skip: dataSd ** 2 / total,
    out: (sigma * dataSd) / Math.sqrt(total),
    input: 1 / Math.sqrt(total),
    noise: Math.log(sigma) / 4,
  }
}

/** The preconditioned network as a denoiser: F sees the scaled state and c_noise. */
export function preconditioned(network: (input: State, noise: number) => Promise<State>, dataSd: number): Denoiser {
  return async (x, sigma) => {
    const { skip, out, input, noise } = edmPreconditioning(sigma, dataSd)
    const scaled: State = { shape: x.shape, values: x.values.map(value => input * value) }
    return weightedSum(skip, x, out, await network(scaled, noise))
  }
}
