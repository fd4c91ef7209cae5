import { UsageError } from '../../core/index.js'
import { knn } from '../../gnn/graph/index.js'
import type { Neighbours } from './layout.js'

/**
 * The k nearest other points in a plane or in space, in an open box. @throws UsageError for places of another dimension
 */
export const nearestOthers: Neighbours = (places, dim, k) => {
  if (dim !== 2 && dim !== 3) {
    throw new UsageError(
      'expected points with 2 or 3 places first among their numbers, for a graph',
      `got ${dim}`,
      'set embedding.places, or take --set embedding.kind=deep-sets',
    )
  }
  return knn(places, Array<null>(dim).fill(null), k).senders
}
