import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import type { ArrayValue, CloudInput, Tree } from '../../core/index.js'
import { silu } from '../../engine/fused/index.js'
import { chunksFor, mapChunks } from '../../engine/index.js'
import { type Dense, dense, initDense, zeros } from '../layers/index.js'
import { type Embedding, featuresOf } from './embedding.js'
import { applyHead, type Head, initHead } from './head.js'
import { poolPoints } from './pool.js'

export interface DeepSetsEmbeddingOptions {
  /** feature channels */
  readonly features: number
  readonly width: number
  /** maps of every point, the first from its features */
  readonly layers: number
  readonly outputs: number
  /** length of the condition, 0 for none */
  readonly conditions: number
  /** pooling heads (see poolPoints), 0 for the plain mean; default 4 */
  readonly heads?: number
  /** points that a compiled program works on at once; the default suits a processor's cache */
  readonly pointsPerChunk?: number
}

type Points<T> = { readonly first: Dense<T>; readonly residual: readonly Dense<T>[]; readonly attention?: T }
type Params<T> = { readonly points: Points<T>; readonly head: Head<T> }

/**
 * Deep sets (Zaheer et al. 2017, arXiv 1703.06114, theorem 2): each point's features through residual layers of its own, pooled, then the
 * head. Nothing of a position is seen but what the features say. Linear in the points.
 */
export function deepSetsEmbedding(options: DeepSetsEmbeddingOptions): Embedding {
  const { features, width, layers, outputs, conditions, heads = 4, pointsPerChunk = 512 } = options

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
          ...(heads > 0 ? { attention: zeros([width, heads]) } : {}),
        },
        head: initHead(key.split('head'), { pooled: Math.max(1, heads) * width, conditions, width, outputs }),
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
