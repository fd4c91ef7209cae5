import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import type { ArrayValue, CloudInput, Tree } from '../../core/index.js'
import { linear, silu } from '../../engine/fused/index.js'
import { chunksFor, mapChunks } from '../../engine/index.js'
import { type Dense, dense, initDense } from '../layers/index.js'
import { NeighboursMissing } from '../networks/index.js'
import { type Embedding, type EmbeddingSizes, featuresOf } from './embedding.js'
import { applyHead, type Head, initHead } from './head.js'
import { densePoints, gatheredMeans, neighbourMatrix } from './neighbourMeans.js'
import { initAttention, poolPoints } from './pool.js'

/** `layers` counts the convolutions. */
export interface ChebyshevEmbeddingOptions extends EmbeddingSizes {
  /** Chebyshev polynomials of a convolution, K: it sees K - 1 steps along the graph; default 4 */
  readonly polynomials?: number
  /** points that a compiled program works on at once; the default suits a processor's cache */
  readonly pointsPerChunk?: number
}

type Points<T> = { readonly first: Dense<T>; readonly convolutions: readonly Dense<T>[]; readonly attention?: T }
type Params<T> = { readonly points: Points<T>; readonly head: Head<T> }
type Means = (x: Tensor) => Tensor

/**
 * Chebyshev graph convolutions (Defferrard, Bresson and Vandergheynst 2016, arXiv 1606.09375, equations 4 and 5), the
 * networks of Nguyen et al. 2023, arXiv 2208.12825: sums over k < K of T_k(L) x W_k, with T_k = 2 L T_{k-1} - T_{k-2}.
 *
 * The graph is that of the k nearest senders of each point, not symmetrised; its Laplacian is normalised as a random
 * walk, 1 - D^-1 A, whose eigenvalues lie within [0, 2], so that scaled with lambda_max = 2 it is L = -D^-1 A: minus
 * the mean over the senders. Lengths and directions of edges are not read, so that a rotation changes nothing.
 */
export function chebyshevEmbedding(options: ChebyshevEmbeddingOptions): Embedding {
  const { features, width, layers, outputs, conditions, polynomials = 4, pointsPerChunk = 1024 } = options

  function pooled(p: Points<Tensor>, x: Tensor, means: Means, mask: Tensor | undefined): Tensor {
    let h = silu(dense(p.first, x))
    for (const { w, b } of p.convolutions) {
      h = h.add(silu(linear(tf.concat(chebyshevTerms(h, means, polynomials), 2), w, b)))
    }
    return poolPoints(h, p.attention, mask)
  }

  return {
    name: 'chebyshev',
    outputs,
    init(key): Params<ArrayValue> {
      const gain = 1 / Math.sqrt(layers)
      return {
        points: {
          first: initDense(key.split('first'), features, width, Math.SQRT2),
          convolutions: Array.from({ length: layers }, (_, i) =>
            initDense(key.split('convolution').split(i), polynomials * width, width, gain),
          ),
          ...initAttention(options),
        },
        head: initHead(key.split('head'), options),
      }
    },
    apply(params: Tree<Tensor>, input: CloudInput): Tensor {
      const p = params as Params<Tensor>
      const x = featuresOf(input, features)
      const { senders, feeds, mask, condition } = input
      if (!senders) throw new NeighboursMissing('chebyshev')
      const [batch, points] = x.shape as [number, number]
      if (points > densePoints) {
        const cloud = pooled(p.points, x, h => gatheredMeans(h, senders, mask, feeds), mask)
        return applyHead(p.head, cloud, condition, conditions)
      }
      const whole = { x, matrix: neighbourMatrix(senders, mask), mask: mask ?? tf.ones([batch, points]) }
      const one = (m: typeof whole, s: Points<Tensor>) => pooled(s, m.x, h => m.matrix.matMul(h), m.mask)
      const chunks = chunksFor(batch, Math.ceil((batch * points) / pointsPerChunk))
      return applyHead(p.head, mapChunks(one, whole, p.points, { chunks }), condition, conditions)
    },
  }
}

/** T_0(L) x … T_{count - 1}(L) x with L x = -means(x). */
export function chebyshevTerms(x: Tensor, means: Means, count: number): Tensor[] {
  const terms = [x]
  if (count > 1) terms.push(means(x).neg())
  for (let k = 2; k < count; k++)
    terms.push(
      means(terms[k - 1])
        .mul(-2)
        .sub(terms[k - 2]),
    )
  return terms
}
