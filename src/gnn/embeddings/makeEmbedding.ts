import { UsageError } from '../../core/index.js'
import { deepSetsEmbedding } from './deepSets.js'
import type { Embedding } from './embedding.js'

export const embeddingKinds = ['deep-sets'] as const
export type EmbeddingKind = (typeof embeddingKinds)[number]

export interface EmbeddingOptions {
  readonly kind: EmbeddingKind
  /** feature channels */
  readonly features: number
  readonly width: number
  readonly layers: number
  /** length of the summary */
  readonly outputs: number
  /** numbers of the whole cloud, 0 for none */
  readonly conditions: number
  /** pooling heads; 0 for the plain mean */
  readonly heads?: number
}

/** An embedding by the name of its kind. */
export function makeEmbedding(options: EmbeddingOptions): Embedding {
  const { kind, features, width, layers } = options
  if (!embeddingKinds.includes(kind) || features < 1 || width < 1 || layers < 1) {
    throw new UsageError(
      `expected an embedding of kind ${embeddingKinds.join(', ')} with features, a width and layers`,
      `got ${kind}, ${features} features, width ${width}, ${layers} layers`,
      "make for example { kind: 'deep-sets', features: 8, width: 128, layers: 3, outputs: 64, conditions: 1 }",
    )
  }
  return deepSetsEmbedding(options)
}
