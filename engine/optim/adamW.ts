import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'

/** AdamW's fixed numbers. Decay is decoupled: it does not pass through the moments. */
export interface AdamWOptions {
  /** default .9 and .999 */
  readonly beta1?: number
  readonly beta2?: number
  /** default 1e-8 */
  readonly epsilon?: number
  /** default 0 */
  readonly weightDecay?: number
}

/** What changes from step to step, scalars: the learning rate, and 1 / (1 - beta^t) of both moments. */
export interface AdamWStep {
  readonly rate: Tensor
  readonly correction1: Tensor
  readonly correction2: Tensor
}

/**
 * AdamW on flat vectors, Loshchilov and Hutter 2019, arXiv 1711.05101, algorithm 2; all tensors of one shape.
 *
 * ```ts
 * const next = adamW({ params, m, v }, gradient, { rate, correction1, correction2 }, { weightDecay: 0.1 })
 * ```
 */
export function adamW(
  { params, m, v }: { params: Tensor; m: Tensor; v: Tensor },
  gradient: Tensor,
  { rate, correction1, correction2 }: AdamWStep,
  { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 }: AdamWOptions = {},
): { params: Tensor; m: Tensor; v: Tensor } {
  const nextM = m.mul(beta1).add(gradient.mul(1 - beta1))
  const nextV = v.mul(beta2).add(gradient.square().mul(1 - beta2))
  const direction = nextM.mul(correction1).div(nextV.mul(correction2).sqrt().add(epsilon))
  const decayed = weightDecay === 0 ? params : params.mul(tf.sub(1, rate.mul(weightDecay)))
  return { params: decayed.sub(direction.mul(rate)), m: nextM, v: nextV }
}

/** Both corrections of `AdamWStep` at step `index`, from 0: `adamWCorrections(0)` is about `[10, 1000]`. */
export function adamWCorrections(index: number, { beta1 = 0.9, beta2 = 0.999 }: AdamWOptions = {}): [number, number] {
  return [1 / (1 - beta1 ** (index + 1)), 1 / (1 - beta2 ** (index + 1))]
}

/**
 * The gradient, shortened where its norm is above `most` (Pascanu et al. 2013, arXiv 1211.5063, algorithm 1); and its
 * norm. A gradient of norm 5 with `most` 1 comes out with norm 1.
 */
export function clipByGlobalNorm(gradient: Tensor, most: number): { gradient: Tensor; norm: Tensor } {
  const norm = gradient.square().sum().sqrt()
  return { gradient: gradient.mul(tf.minimum(1, tf.div(most, norm.add(1e-12)))), norm }
}
