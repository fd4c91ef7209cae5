import type { Network } from '../../../core/index.js'
import {
  deepSets,
  equivariant,
  makeNetwork,
  messagePassing,
  type NetworkKind,
  networkKinds,
  transformer,
} from '../../../gnn/networks/index.js'

/**
 * What a network claims beyond permutation equivariance, mask invariance and batch independence, which are laws for
 * all.
 */
export interface Claims {
  readonly make: Network
  readonly outputs: number
  /** a shift of the whole periodic box changes nothing */
  readonly translation?: true
  /** points wrapped around the box stay the same points */
  readonly wrapping?: true
  /** rotations and reflections turn this many leading vectors of the output and leave the rest */
  readonly vectors?: number
}

const shared = { dim: 3, features: 4, outputs: 5, width: 8, layers: 2, conditions: 3 }
const basis = { count: 4, from: 0.1, to: 1 }
const vectors = { dim: 3, vectors: 1, scalars: 1, outputVectors: 2, outputScalars: 1, channels: 3, width: 8, layers: 2 }

/** As a configuration names them; of a new kind the compiler asks what it claims. */
const named = { dim: 3, vectors: 1, scalars: 1, outputVectors: 1, width: 8, layers: 2, heads: 2, conditions: 3, basis }
const claims: Readonly<Record<NetworkKind, Omit<Claims, 'make' | 'outputs'>>> = {
  transformer: { wrapping: true },
  gnn: { translation: true, wrapping: true },
  egnn: { translation: true, wrapping: true, vectors: 1 },
}
const byKind = networkKinds.map((kind): [string, Claims] => [
  `named ${kind}`,
  { ...claims[kind], make: makeNetwork({ ...named, kind, period: { length: 2, modes: 2 } }), outputs: 3 },
])

/** All networks. A new one is an entry of gnn/networks/networks.ts, or a line here: it cannot escape the laws. */
export const networks: Readonly<Record<string, Claims>> = {
  ...Object.fromEntries(byKind),
  transformer: { make: transformer({ ...shared, heads: 2, mlp: 16 }), outputs: 5 },
  'transformer on a torus': {
    make: transformer({ ...shared, heads: 2, mlp: 16, period: { length: 2, modes: 2 } }),
    outputs: 5,
    wrapping: true,
  },
  'transformer without condition': { make: transformer({ ...shared, conditions: 0, heads: 2, mlp: 16 }), outputs: 5 },
  'message passing, attention': {
    make: messagePassing({ ...shared, basis, aggregate: 'attention', norm: true, edgesPerChunk: 8 }),
    outputs: 5,
    translation: true,
    wrapping: true,
  },
  'message passing, mean': {
    make: messagePassing({ ...shared, conditions: 0, basis: { ...basis, count: 0 }, aggregate: 'mean', norm: false }),
    outputs: 5,
    translation: true,
    wrapping: true,
  },
  equivariant: {
    make: equivariant({ ...vectors, conditions: 3, basis, edgesPerChunk: 8 }),
    outputs: 7,
    translation: true,
    wrapping: true,
    vectors: 2,
  },
  'equivariant, one vector': {
    make: equivariant({ ...vectors, outputVectors: 1, outputScalars: 0, conditions: 0, basis }),
    outputs: 3,
    translation: true,
    wrapping: true,
    vectors: 1,
  },
  'deep sets': { make: deepSets(shared), outputs: 5 },
}
