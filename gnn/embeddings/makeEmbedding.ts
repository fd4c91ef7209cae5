import { UsageError } from '../../core/index.js'
import type { RadialBasis } from '../layers/index.js'
import { chebyshevEmbedding } from './chebyshev.js'
import { deepSetsEmbedding } from './deepSets.js'
import type { Embedding, EmbeddingSizes } from './embedding.js'
import { type EmbeddingKind, embeddingKinds } from './embeddings.js'
import { messagePassingEmbedding, transformerEmbedding } from './pooledNetwork.js'

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

const makers: Readonly<Record<EmbeddingKind, (options: EmbeddingOptions) => Embedding>> = {
  'deep-sets': deepSetsEmbedding,
  chebyshev: chebyshevEmbedding,
  'message-passing': ({ basis = defaultBasis, ...options }) => messagePassingEmbedding({ ...options, basis }),
  transformer: ({ attentionHeads = defaultHeads, ...options }) => transformerEmbedding({ ...options, attentionHeads }),
}

const defaultBasis: RadialBasis = { count: 16, from: 0.01, to: 3 }
const defaultHeads = 4

/** An embedding by the name of its kind. */
export function makeEmbedding(options: EmbeddingOptions): Embedding {
  const { kind, features, width, layers, outputs, attentionHeads = defaultHeads } = options
  const isSized = features >= 1 && width >= 1 && layers >= 1 && outputs >= 1
  if (!embeddingKinds.includes(kind) || !isSized || (kind === 'transformer' && width % attentionHeads !== 0)) {
    throw new UsageError(
      `expected an embedding of kind ${embeddingKinds.join(', ')} with features, a width (of whole attention heads) and layers`,
      `got ${kind}, ${features} features, width ${width}, ${layers} layers, ${outputs} outputs`,
      "make for example { kind: 'deep-sets', features: 8, width: 128, layers: 3, outputs: 64, conditions: 1 }",
    )
  }
  return makers[kind](options)
}
