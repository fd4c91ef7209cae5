import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import type { ArrayValue, CloudInput, Key, Network, Tree } from '../../core/index.js'
import { attention, linear, normLinear, normMlp } from '../../engine/fused/index.js'
import type { AdaptiveNorm, ConditionEmbedding } from '../layers/condition.js'
import { adaptiveNorm, embedCondition, initAdaptiveNorm, initCondition } from '../layers/condition.js'
import { type Dense, dense, initDense, zeroDense } from '../layers/dense.js'
import { hidePadding } from '../layers/masked.js'

export interface TransformerOptions {
  /** axes of the positions */
  readonly dim: number
  /** feature channels, 0 for none */
  readonly features: number
  /** channels of the output */
  readonly outputs: number
  readonly width: number
  readonly layers: number
  readonly heads: number
  /** hidden width of the block's second half */
  readonly mlp: number
  /** length of the condition, 0 for none */
  readonly conditions: number
  /**
   * Positions of a periodic box of this length enter by sines and cosines of `modes` harmonics an axis, so that a
   * wrapped point stays the same point. Without it they enter as they are.
   */
  readonly period?: { readonly length: number; readonly modes: number }
}

type Block<T> = {
  readonly norm: AdaptiveNorm<T>
  readonly qkv: Dense<T>
  readonly out: Dense<T>
  readonly mlpNorm: AdaptiveNorm<T>
  readonly mlpIn: Dense<T>
  readonly mlpOut: Dense<T>
}

type Params<T> = {
  readonly embed: Dense<T>
  readonly blocks: readonly Block<T>[]
  readonly norm: AdaptiveNorm<T>
  readonly out: Dense<T>
  readonly condition?: ConditionEmbedding<T>
}

/**
 * Pre-norm transformer over the points of a cloud (Vaswani et al. 2017, arXiv 1706.03762; normalisation first as in
 * Xiong et al. 2020, arXiv 2002.04745), no order of points, masked, conditioned by adaptive norms, output zero at
 * first. Permutation-equivariant. Cost grows with the square of the points.
 */
export function transformer(options: TransformerOptions): Network {
  const { dim, features, outputs, width, layers, heads, mlp, conditions, period } = options
  const inputs = features + (period ? 2 * dim * period.modes : dim)

  function block(key: Key): Block<ArrayValue> {
    return {
      norm: initAdaptiveNorm(width, conditions ? width : 0),
      qkv: initDense(key.split('qkv'), width, 3 * width),
      out: initDense(key.split('out'), width, width, 1 / Math.sqrt(2 * layers)),
      mlpNorm: initAdaptiveNorm(width, conditions ? width : 0),
      mlpIn: initDense(key.split('mlpIn'), width, mlp),
      mlpOut: initDense(key.split('mlpOut'), mlp, width, 1 / Math.sqrt(2 * layers)),
    }
  }

  return {
    name: 'transformer',
    init(key): Params<ArrayValue> {
      return {
        embed: initDense(key.split('embed'), inputs, width),
        blocks: Array.from({ length: layers }, (_, i) => block(key.split('block').split(i))),
        norm: initAdaptiveNorm(width, conditions ? width : 0),
        out: zeroDense(width, outputs),
        ...(conditions ? { condition: initCondition(key.split('condition'), conditions, width) } : {}),
      }
    },
    apply(params: Tree<Tensor>, input: CloudInput): Tensor {
      const p = params as Params<Tensor>
      const condition = embedCondition(p.condition, input.condition)
      const positions = period ? harmonics(input.positions, period) : input.positions
      let h = dense(p.embed, input.features ? tf.concat([positions, input.features], 2) : positions)
      for (const b of p.blocks) {
        const qkv = normLinear(h, { ...adaptiveNorm(b.norm, condition), ...b.qkv })
        h = h.add(linear(attention(qkv, heads, input.mask), b.out.w, b.out.b))
        const mlpWeights = { ...b.mlpIn, w2: b.mlpOut.w, b2: b.mlpOut.b }
        h = h.add(normMlp(h, { ...adaptiveNorm(b.mlpNorm, condition), ...mlpWeights }))
      }
      return hidePadding(normLinear(h, { ...adaptiveNorm(p.norm, condition), ...p.out }), input.mask)
    },
  }
}

/**
 * Sines and cosines of 2 pi m x / length for m = 1 … modes: `[batch, points, dim]` to `[batch, points, 2 * dim *
 * modes]`.
 */
function harmonics(positions: Tensor, { length, modes }: { length: number; modes: number }): Tensor {
  const parts: Tensor[] = []
  for (let m = 1; m <= modes; m++) {
    const angle = positions.mul((2 * Math.PI * m) / length)
    parts.push(angle.sin(), angle.cos())
  }
  return tf.concat(parts, 2)
}
