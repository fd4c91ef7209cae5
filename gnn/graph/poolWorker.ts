import { move, transferableSymbol, valueSymbol } from 'piscina'
import type { Box, KnnGraph, RadiusGraph } from '../../core/index.js'
import { knn } from './knn.js'
import { radiusGraph } from './radius.js'

export type GraphTask = { readonly positions: Float32Array; readonly box: Box } & (
  | { readonly k: number }
  | { readonly radius: number }
)

/** One cloud in, its graph out; the graph's memory is handed over, not copied. */
export default function (task: GraphTask): unknown {
  const { positions, box } = task
  return 'k' in task ? handOver(knn(positions, box, task.k)) : handOver(radiusGraph(positions, box, task.radius))
}

function handOver(graph: KnnGraph | RadiusGraph): unknown {
  const buffers = [graph.senders.buffer, graph.displacements.buffer]
  if ('offsets' in graph) buffers.push(graph.offsets.buffer)
  return move({ [transferableSymbol]: buffers, [valueSymbol]: graph })
}
