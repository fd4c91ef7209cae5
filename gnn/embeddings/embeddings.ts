/** What is known of a kind of embedding before one is made. */
export interface EmbeddingEntry {
  /** whether it reads `input.senders` (message passing `input.displacements` too), so that a graph has to be built */
  readonly needsNeighbours: boolean
}

/**
 * All embeddings, by the names that configurations take. A new one is an entry here and a maker in `makeEmbedding.ts`;
 * the law tests run over the entries. This file loads no tensor library.
 */
export const embeddings = {
  'deep-sets': { needsNeighbours: false },
  chebyshev: { needsNeighbours: true },
  'message-passing': { needsNeighbours: true },
  transformer: { needsNeighbours: false },
} as const satisfies Readonly<Record<string, EmbeddingEntry>>

export type EmbeddingKind = keyof typeof embeddings
export const embeddingKinds = Object.keys(embeddings) as readonly EmbeddingKind[]
