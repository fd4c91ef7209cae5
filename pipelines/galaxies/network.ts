import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import { type Box, type CloudInput, type Network, periodicBox, type Tree } from '../../core/index.js'
import { noiseEmbedding } from '../../gnn/layers/index.js'
import { makeNetwork as networkOf, networks } from '../../gnn/networks/index.js'
import { basisIn, type PairBasis, pairBasis, surroundingsChannels } from '../../gnn/pairs/index.js'
import type { GalaxiesConfig } from './config.js'

/** Length of the embedding of the noise level. */
const noiseChannels = 16

/** The noise levels in Mpc/h between which a model is trained and drawn from. */
export function noiseRange(config: GalaxiesConfig, box: number): { sigmaMin: number; sigmaMax: number } {
  return { sigmaMin: config.noise.sigmaMin, sigmaMax: config.noise.sigmaMaxOverBox * box }
}

/**
 * The network of a configuration; none where the pair score stands alone. It predicts what the pairs leave of the
 * noise.
 */
export function makeNetwork(config: GalaxiesConfig, box: number, parameters: number): Network | undefined {
  const { kind, width, layers, heads } = config.network
  if (kind === 'none') return undefined
  // The pair score's own prediction is a feature: a vector a point, which the network may scale or turn off.
  const around = config.network.surroundings ? surroundingsChannels() : { vectors: 0, scalars: 0 }
  return networkOf({
    ...{ kind, width, layers, heads },
    dim: 3,
    vectors: (config.pairs.use ? 1 : 0) + around.vectors,
    scalars: around.scalars,
    outputVectors: 1,
    conditions: parameters + noiseChannels,
    basis: { count: 12, from: 1, to: 0.1 * box },
    period: { length: box, modes: 8 },
  })
}

/** Whether a network looks at a graph (or at all points at once). */
export function needsGraph({ network: { kind } }: GalaxiesConfig): boolean {
  return kind !== 'none' && networks[kind].needsNeighbours
}

/** How a network trained in a box of side `trained` looks around in another: its lengths stay. */
export function surroundingsBasis(trained: number, box: Box): PairBasis {
  return basisIn(pairBasis(periodicBox(trained), { triples: true }), box)
}

/** A noised cloud as tensors, in Mpc/h. */
export interface NoisedInput {
  /** `[batch, points, 3]` wrapped into the box */
  readonly positions: Tensor
  readonly mask: Tensor
  /** `[batch, points, 3]` what the pair score predicts of the noise; absent without it */
  readonly pairNoise?: Tensor
  /** `[batch, points, channels]` what lies around each point; absent without it */
  readonly surroundings?: Tensor
  readonly senders?: Tensor
  readonly displacements?: Tensor
  readonly feeds?: Tensor
  /** `[batch, parameters]` standardised */
  readonly theta: Tensor
  /** `[batch]` Mpc/h */
  readonly sigma: Tensor
}

/** The network's part of the predicted noise, `[batch, points, 3]`, in units of sigma. */
export function residualNoise(
  network: Network,
  { config, box }: { readonly config: GalaxiesConfig; readonly box: number },
  params: Tree<Tensor>,
  input: NoisedInput,
): Tensor {
  const { sigmaMin, sigmaMax } = noiseRange(config, box)
  const logSnr = input.sigma.log().mul(-2)
  const embedding = noiseEmbedding(logSnr, {
    channels: noiseChannels,
    logSnrRange: [-2 * Math.log(sigmaMax), -2 * Math.log(sigmaMin)],
  })
  const cloud: CloudInput = {
    positions: input.positions,
    mask: input.mask,
    // scaled up to order one: the explained share of the noise is a few per cent
    features: joined([input.pairNoise?.mul(5), input.surroundings]),
    condition: tf.concat([input.theta, embedding], 1),
    senders: input.senders,
    displacements: input.displacements,
    feeds: input.feeds,
  }
  return network.apply(params, cloud)
}

function joined(parts: readonly (Tensor | undefined)[]): Tensor | undefined {
  const there = parts.filter(part => part !== undefined)
  return there.length > 1 ? tf.concat(there, 2) : there[0]
}
