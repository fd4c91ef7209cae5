import type { Tensor } from '@tensorflow/tfjs'
import { type CloudInput, UsageError } from '../../core/index.js'
import { lengths, type RadialBasis, radialFeatures, realEdges } from '../layers/index.js'

/** A network over neighbours was given a cloud without them. */
export class NeighboursMissing extends UsageError {
  constructor(readonly network: string) {
    super(
      `expected senders and displacements for ${network}`,
      'got a cloud without neighbours',
      'build a graph (gnn/graph) first',
    )
  }
}

/** The edges of a cloud as its networks read them, `[batch, points, k, ...]`. */
export interface Edges {
  readonly senders: Tensor
  readonly displacements: Tensor
  /** `[batch, points, k]` 1 where the sender is real; absent without a mask */
  readonly real: Tensor | undefined
  /** lengths of the displacements, `[batch, points, k, 1]` */
  readonly r: Tensor
  /** `radialFeatures` of the lengths */
  readonly radial: Tensor
}

/** @throws NeighboursMissing where the cloud has none */
export function edgesOf({ senders, displacements, mask }: CloudInput, basis: RadialBasis, network: string): Edges {
  if (!senders || !displacements) throw new NeighboursMissing(network)
  const real = realEdges(senders, mask)
  const r = lengths(displacements)
  return { senders, displacements, real, r, radial: radialFeatures(r, basis) }
}
