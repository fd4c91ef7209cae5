import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import { type ArrayValue, type Key, UsageError } from '../../core/index.js'
import { silu } from '../../engine/fused/index.js'
import { type Dense, dense, full, initDense, zeroDense, zeros } from './dense.js'

/**
 * Adaptive norm: gain and shift of a layer norm, moved by the condition (theta and noise level) of each cloud. FiLM of
 * Perez et al. 2018, arXiv 1709.07871, equation 2, where the features are normalised first. Without a condition plain
 * parameters.
 */
export type AdaptiveNorm<T> = { readonly gain: T; readonly shift: T; readonly condition?: Dense<T> }

/** @param condition  length of the embedded condition, 0 for none */
export function initAdaptiveNorm(width: number, condition: number): AdaptiveNorm<ArrayValue> {
  const plain = { gain: full([width], 1), shift: zeros([width]) }
  return condition > 0 ? { ...plain, condition: zeroDense(condition, 2 * width) } : plain
}

/** Gain and shift: `[width]`, or `[batch, 1, width]` with a condition `[batch, condition]`. */
export function adaptiveNorm(p: AdaptiveNorm<Tensor>, condition?: Tensor): { gain: Tensor; shift: Tensor } {
  if (!p.condition || !condition) return { gain: p.gain, shift: p.shift }
  const width = p.gain.size
  const [gain, shift] = tf.split(dense(p.condition, condition).reshape([-1, 1, 2 * width]), 2, 2)
  return { gain: gain.add(p.gain), shift: shift.add(p.shift) }
}

/** A network made for a condition was called without one. */
export class ConditionMissing extends UsageError {
  constructor(readonly conditions: number) {
    super(
      `expected a condition of ${conditions} numbers a cloud`,
      'got none',
      'pass theta and the noise embedding as input.condition, or make the network with conditions: 0',
    )
  }
}

/** The condition as every layer sees it: one hidden layer, then SiLU. `[batch, conditions]` to `[batch, width]`. */
export type ConditionEmbedding<T> = { readonly in: Dense<T>; readonly out: Dense<T> }

export function initCondition(key: Key, conditions: number, width: number): ConditionEmbedding<ArrayValue> {
  return { in: initDense(key.split('in'), conditions, width), out: initDense(key.split('out'), width, width) }
}

/** Undefined where the network takes no condition; an error where it takes one and none is given. */
export function embedCondition(
  p: ConditionEmbedding<Tensor> | undefined,
  condition: Tensor | undefined,
): Tensor | undefined {
  if (!p) return undefined
  if (!condition) throw new ConditionMissing(p.in.w.shape[0])
  return silu(dense(p.out, silu(dense(p.in, condition))))
}
