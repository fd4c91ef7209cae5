import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import type { ArrayValue, Key } from '../../core/index.js'
import { silu } from '../../engine/fused/index.js'
import { ConditionMissing, type Dense, dense, initDense } from '../layers/index.js'
import type { EmbeddingSizes } from './embedding.js'
import { poolingHeads } from './pool.js'

/** The last layers of every embedding: the pooled cloud and its condition, one hidden layer, the summary. */
export type Head<T> = { readonly hidden: Dense<T>; readonly out: Dense<T> }

export function initHead(
  key: Key,
  { heads = poolingHeads, conditions, width, outputs }: EmbeddingSizes,
): Head<ArrayValue> {
  const pooled = Math.max(1, heads) * width
  return {
    hidden: initDense(key.split('hidden'), pooled + conditions, width, Math.SQRT2),
    out: initDense(key.split('out'), width, outputs),
  }
}

/** @param pooled `[batch, channels]` */
export function applyHead(p: Head<Tensor>, pooled: Tensor, condition: Tensor | undefined, conditions: number): Tensor {
  if (conditions > 0 && !condition) throw new ConditionMissing(conditions)
  const known = conditions > 0 && condition ? tf.concat([pooled, condition], 1) : pooled
  return dense(p.out, silu(dense(p.hidden, known)))
}
