import { type Network, UsageError } from '../../core/index.js'
import type { RadialBasis } from '../layers/index.js'
import { equivariant } from './equivariant.js'
import { messagePassing } from './messagePassing.js'
import { type NetworkKind, networkKinds } from './networks.js'
import { transformer } from './transformer.js'

/** Sizes that every kind understands; each takes of them what it needs. */
export interface NetworkOptions {
  readonly kind: NetworkKind
  /** axes of the positions */
  readonly dim: number
  /** how many vectors lead the features, `dim` channels each */
  readonly vectors: number
  /** feature channels after the vectors */
  readonly scalars: number
  /** vectors of the output, `dim` channels each */
  readonly outputVectors: number
  readonly width: number
  readonly layers: number
  /** transformer: heads of its attention, which divide the width */
  readonly heads: number
  /** length of the condition, 0 for none */
  readonly conditions: number
  /** gnn and egnn: what an edge knows of its length */
  readonly basis: RadialBasis
  /** transformer: the side of a periodic box, and how many harmonics of it stand for a position */
  readonly period?: { readonly length: number; readonly modes: number }
}

const makers: Readonly<Record<NetworkKind, (options: NetworkOptions) => Network>> = {
  transformer: ({ dim, vectors, scalars, outputVectors, width, layers, heads, conditions, period }) =>
    transformer({
      dim,
      features: dim * vectors + scalars,
      outputs: dim * outputVectors,
      width,
      layers,
      heads,
      mlp: 4 * width,
      conditions,
      ...(period ? { period } : {}),
    }),
  gnn: ({ dim, vectors, scalars, outputVectors, width, layers, conditions, basis }) =>
    messagePassing({
      dim,
      features: dim * vectors + scalars,
      outputs: dim * outputVectors,
      width,
      layers,
      conditions,
      basis,
      aggregate: 'attention',
      norm: true,
    }),
  egnn: ({ dim, vectors, scalars, outputVectors, width, layers, conditions, basis }) =>
    equivariant({
      dim,
      vectors,
      scalars,
      outputVectors,
      outputScalars: 0,
      width,
      channels: Math.max(4, width / 4),
      layers,
      conditions,
      basis,
    }),
}

/** A network by the name of its kind: vectors out, of clouds whose features are vectors, then scalars. */
export function makeNetwork(options: NetworkOptions): Network {
  if (!networkKinds.includes(options.kind)) {
    throw new UsageError(
      `expected a network of kind ${networkKinds.join(', ')}`,
      `got ${options.kind}`,
      'choose one of these',
    )
  }
  return makers[options.kind](options)
}
