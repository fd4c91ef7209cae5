import { UsageError } from '../../core/index.js'
import type { RadialBasis } from '../layers/index.js'
import { chebyshevEmbedding } from './chebyshev.js'
import { deepSetsEmbedding } from './deepSets.js'
import type { Embedding, EmbeddingSizes } from './embedding.js'
import { messagePassingEmbedding, transformerEmbedding } from './pooledNetwork.js'

export const embeddingKinds = ['deep-sets', 'chebyshev', 'message-passing', 'transformer'] as const
export type EmbeddingKind = (typeof embeddingKinds)[number]

export interface EmbeddingOptions extends EmbeddingSizes {
  readonly kind: EmbeddingKind
  /** chebyshev: polynomials a convolution; default 4 */
  readonly polynomials?: number
  /**
   * message passing: what an edge knows of its length, in the unit of the displacements; default 16 Gaussians from 0.01
   * to 3
   */
  readonly basis?: RadialBasis
  /** transformer: heads of its attention, which divide the width; default 4 */
  readonly attentionHeads?: number
}

/** Whether an embedding of this kind reads `input.senders` (message passing `input.displacements` too). */
export function usesNeighbours(kind: EmbeddingKind): boolean {
  return kind === 'chebyshev' || kind === 'message-passing'
}

/** An embedding by the name of its kind. */
export function makeEmbedding(options: EmbeddingOptions): Embedding {
  const { kind, features, width, layers, attentionHeads = 4, basis = { count: 16, from: 0.01, to: 3 } } = options
  const isSized = features >= 1 && width >= 1 && layers >= 1 && options.outputs >= 1
  if (!embeddingKinds.includes(kind) || !isSized || (kind === 'transformer' && width % attentionHeads !== 0)) {
    throw new UsageError(
      `expected an embedding of kind ${embeddingKinds.join(', ')} with features, a width (of whole attention heads) and layers`,
      `got ${kind}, ${features} features, width ${width}, ${layers} layers, ${options.outputs} outputs`,
      "make for example { kind: 'deep-sets', features: 8, width: 128, layers: 3, outputs: 64, conditions: 1 }",
    )
  }
  if (kind === 'chebyshev') return chebyshevEmbedding(options)
  if (kind === 'message-passing') return messagePassingEmbedding({ ...options, basis })
  if (kind === 'transformer') return transformerEmbedding({ ...options, attentionHeads })
  return deepSetsEmbedding(options)
}
