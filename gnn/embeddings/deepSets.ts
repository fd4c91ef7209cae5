import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import type { ArrayValue, CloudInput, Tree } from '../../core/index.js'
import { silu } from '../../engine/fused/index.js'
import { chunksFor, mapChunks } from '../../engine/index.js'
import { type Dense, dense, initDense } from '../layers/index.js'
import { type Embedding, type EmbeddingSizes, featuresOf } from './embedding.js'
import { applyHead, type Head, initHead } from './head.js'
import { initAttention, poolPoints } from './pool.js'

/** `layers` counts the maps of every point, the first from its features. */
export interface DeepSetsEmbeddingOptions extends EmbeddingSizes {
  /** points that a compiled program works on at once; the default suits a processor's cache */
  readonly pointsPerChunk?: number
}

type Points<T> = { readonly first: Dense<T>; readonly residual: readonly Dense<T>[]; readonly attention?: T }
type Params<T> = { readonly points: Points<T>; readonly head: Head<T> }

/**
 * Deep sets (Zaheer et al. 2017, arXiv 1703.06114, theorem 2): each point's features through residual layers of its
 * own, pooled, then the head. Positions enter through the features alone. Linear in the points.
 */
export function deepSetsEmbedding(options: DeepSetsEmbeddingOptions): Embedding {
  const { features, width, layers, outputs, conditions, pointsPerChunk = 512 } = options

  function pooled(p: Points<Tensor>, x: Tensor, mask: Tensor): Tensor {
    let h = silu(dense(p.first, x))
    for (const layer of p.residual) h = h.add(silu(dense(layer, h)))
    return poolPoints(h, p.attention, mask)
  }

  return {
    name: 'deep sets',
    outputs,
    init(key): Params<ArrayValue> {
      const gain = 1 / Math.sqrt(Math.max(1, layers - 1))
      return {
        points: {
          first: initDense(key.split('first'), features, width, Math.SQRT2),
          residual: Array.from({ length: layers - 1 }, (_, i) =>
            initDense(key.split('residual').split(i), width, width, gain),
          ),
          ...initAttention(options),
        },
        head: initHead(key.split('head'), options),
      }
    },
    apply(params: Tree<Tensor>, input: CloudInput): Tensor {
      const p = params as Params<Tensor>
      const x = featuresOf(input, features)
      const [batch, points] = x.shape as [number, number]
      const chunks = chunksFor(batch, Math.ceil((batch * points) / pointsPerChunk))
      const whole = { x, mask: input.mask ?? tf.ones([batch, points]) }
      const one = (m: typeof whole, s: Points<Tensor>) => pooled(s, m.x, m.mask)
      return applyHead(p.head, mapChunks(one, whole, p.points, { chunks }), input.condition, conditions)
    },
  }
}
