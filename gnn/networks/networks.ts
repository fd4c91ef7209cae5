/** What is known of a kind of network before one is made. */
export interface NetworkEntry {
  /** whether it reads `input.senders` and `input.displacements`, so that a graph has to be built */
  readonly needsNeighbours: boolean
}

/**
 * The networks that a configuration may name. A new one is an entry here and a maker in `makeNetwork.ts`; the law tests
 * run over the entries. This file loads no tensor library.
 */
export const networks = {
  transformer: { needsNeighbours: false },
  gnn: { needsNeighbours: true },
  egnn: { needsNeighbours: true },
} as const satisfies Readonly<Record<string, NetworkEntry>>

export type NetworkKind = keyof typeof networks
export const networkKinds = Object.keys(networks) as readonly NetworkKind[]
