import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import { type Denoiser, type Key, UsageError, uniform } from '../../core/index.js'
import { weightedSum } from './state.js'

/**
 * Classifier-free guidance, Ho and Salimans 2022, arXiv 2207.12598. In training the condition of some clouds is
 * dropped, so that one network learns p(x | theta) and p(x); in sampling the two are extrapolated.
 */

/** Which clouds keep their condition in a step: 1 or 0, `[batch]`; an input of the program, drawn outside it. */
export function keepCondition(key: Key, batch: number, dropProbability: number): Float32Array {
  if (!(dropProbability >= 0 && dropProbability <= 1)) {
    throw new UsageError('expected a probability of dropping in [0, 1]', `got ${dropProbability}`, 'take 0.1')
  }
  return uniform(key, batch).map(u => (u < dropProbability ? 0 : 1))
}

/**
 * condition `[batch, conditions]` and keep `[batch]` to `[batch, conditions + 1]`: zeros where dropped, and the flag
 * beside them, since standardised parameters of 0 are a cosmology, not the lack of one.
 */
export function withDropout(condition: Tensor, keep: Tensor): Tensor {
  const flag = tf.reshape(keep, [-1, 1])
  return tf.concat([tf.mul(condition, flag), flag], 1)
}

/**
 * D = D_unconditional + guidance (D_conditional - D_unconditional). At 1 it is the conditional denoiser itself and at 0
 * the unconditional one, each with one evaluation; else two.
 */
export function guided(conditional: Denoiser, unconditional: Denoiser, guidance: number): Denoiser {
  if (!Number.isFinite(guidance)) {
    throw new UsageError('expected a finite guidance', `got ${guidance}`, 'take 1 for p(x | theta) itself')
  }
  if (guidance === 1) return conditional
  if (guidance === 0) return unconditional
  return async (x, sigma) =>
    weightedSum(guidance, await conditional(x, sigma), 1 - guidance, await unconditional(x, sigma))
}
