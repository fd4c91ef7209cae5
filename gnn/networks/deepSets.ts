import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import type { ArrayValue, CloudInput, Network, Tree } from '../../core/index.js'
import { silu } from '../../engine/fused/index.js'
import { ConditionMissing, type Dense, dense, hidePadding, initDense, maskedMean, zeroDense } from '../layers/index.js'

export interface DeepSetsOptions {
  readonly dim: number
  /** feature channels, 0 for none */
  readonly features: number
  readonly outputs: number
  readonly width: number
  /** length of the condition, 0 for none */
  readonly conditions: number
}

type Params<T> = {
  readonly point: readonly [Dense<T>, Dense<T>]
  readonly cloud: readonly [Dense<T>, Dense<T>]
  readonly join: readonly [self: Dense<T>, rest: Dense<T>]
  readonly out: Dense<T>
}

/**
 * Deep sets (Zaheer et al. 2017, arXiv 1703.06114, theorem 2 and section 3.1): every point is embedded alone, the mean
 * over the points is the cloud, and each point answers knowing itself, the cloud and the condition.
 * Permutation-equivariant, and the cheapest network: linear in the points, no neighbours.
 */
export function deepSets({ dim, features, outputs, width, conditions }: DeepSetsOptions): Network {
  return {
    name: 'deep sets',
    init(key): Params<ArrayValue> {
      const begin = (name: string, inputs: number) => initDense(key.split(name), inputs, width)
      return {
        point: [begin('point 1', dim + features), begin('point 2', width)],
        cloud: [begin('cloud 1', width + conditions), begin('cloud 2', width)],
        join: [begin('self', width), begin('rest', width)],
        out: zeroDense(width, outputs),
      }
    },
    apply(params: Tree<Tensor>, input: CloudInput): Tensor {
      const p = params as Params<Tensor>
      const { positions, features: channels, condition, mask } = input
      const x = channels ? tf.concat([positions, channels], 2) : positions
      const point = silu(dense(p.point[1], silu(dense(p.point[0], x))))
      const pooled = maskedMean(point, mask)
      if (conditions && !condition) throw new ConditionMissing(conditions)
      const known = conditions && condition ? tf.concat([pooled, condition.expandDims(1)], 2) : pooled
      const cloud = silu(dense(p.cloud[1], silu(dense(p.cloud[0], known))))
      const joined = silu(dense(p.join[0], point).add(dense(p.join[1], cloud)))
      return hidePadding(dense(p.out, joined), mask)
    },
  }
}
