import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import type { ArrayValue, CloudInput, Key, Network, Tree } from '../../core/index.js'
import { defaultEdgesPerChunk, edgeShares, gatherSenders, linear, normalise, silu } from '../../engine/fused/index.js'
import { chunksFor, mapChunks } from '../../engine/index.js'
import type { AdaptiveNorm, ConditionEmbedding } from '../layers/condition.js'
import { adaptiveNorm, embedCondition, initAdaptiveNorm, initCondition } from '../layers/condition.js'
import { type Dense, dense, initDense, initWeight, zeroDense, zeros } from '../layers/dense.js'
import { type RadialBasis, radialChannels } from '../layers/edgeFeatures.js'
import { hidePadding } from '../layers/masked.js'
import { edgesOf } from './neighbours.js'

export interface EquivariantOptions {
  /** axes of the displacements, 2 or 3 */
  readonly dim: number
  /** how many vectors lead the features (velocities: 1), `dim` channels each; the rest are scalars (masses) */
  readonly vectors: number
  readonly scalars: number
  /** vectors of the output, `dim` channels each, before its scalars */
  readonly outputVectors: number
  readonly outputScalars: number
  readonly width: number
  /** vectors kept at every point */
  readonly channels: number
  readonly layers: number
  /** length of the condition, 0 for none */
  readonly conditions: number
  readonly basis: RadialBasis
  /** how many edges a compiled program works on at once; the default suits a processor's cache */
  readonly edgesPerChunk?: number
}

type Layer<T> = {
  readonly norm: AdaptiveNorm<T>
  readonly sender: T
  readonly receiver: Dense<T>
  readonly edge: T
  readonly message: Dense<T>
  readonly attention: T
  /** from a message to the weights of its direction and of its sender's vectors: `[width, 2 * channels]` */
  readonly gates: T
  /** vectors of the last layer into those of this one: `[channels, channels]` */
  readonly mix: T
  /** absent in a last layer whose scalars nobody reads */
  readonly update?: { readonly self: Dense<T>; readonly rest: T; readonly out: Dense<T> }
}

type Params<T> = {
  readonly embed: Dense<T>
  readonly embedVectors?: T
  readonly layers: readonly Layer<T>[]
  readonly vectorsOut: T
  readonly scalarsOut?: Dense<T>
  readonly condition?: ConditionEmbedding<T>
}

/**
 * A network equivariant under all of E(n): every vector it makes is a sum of directions to neighbours, of velocities
 * and of other points' vectors, weighted by functions of invariants (lengths, products of vectors with directions,
 * scalars). After Satorras, Hoogeboom and Welling 2021, arXiv 2102.09844, equations 3-6, with vectors at the points as
 * in Schuett, Unke and Gastegger 2021, arXiv 2102.03150, equation 8. Rotations and reflections turn the output vectors
 * alike; translations, also of a periodic box, change nothing, for only displacements enter. Output `[batch, points,
 * outputVectors * dim + outputScalars]`, zero at first.
 */
export function equivariant(options: EquivariantOptions): Network {
  const { dim, vectors, scalars, outputVectors, outputScalars, width, channels, layers, conditions, basis } = options
  const edges = radialChannels(basis) + 2 * channels
  const condition = conditions ? width : 0

  function layer(key: Key, index: number): Layer<ArrayValue> {
    const update = {
      self: initDense(key.split('self'), width, width),
      rest: initWeight(key.split('rest'), width + channels, width),
      out: initDense(key.split('out'), width, width, 1 / Math.sqrt(layers)),
    }
    return {
      norm: initAdaptiveNorm(width, condition),
      sender: initWeight(key.split('sender'), width, width, Math.SQRT1_2),
      receiver: initDense(key.split('receiver'), width, width, Math.SQRT1_2),
      edge: initWeight(key.split('edge'), edges, width),
      message: initDense(key.split('message'), width, width, Math.SQRT2),
      attention: zeros([width, 1]),
      gates: initWeight(key.split('gates'), width, 2 * channels, Math.SQRT2),
      mix: initWeight(key.split('mix'), channels, channels),
      ...(index < layers - 1 || outputScalars ? { update } : {}),
    }
  }

  return {
    name: 'equivariant',
    init(key): Params<ArrayValue> {
      return {
        embed: initDense(key.split('embed'), Math.max(1, scalars + vectors), width),
        ...(vectors ? { embedVectors: initWeight(key.split('vectors'), vectors, channels) } : {}),
        layers: Array.from({ length: layers }, (_, i) => layer(key.split('layer').split(i), i)),
        vectorsOut: zeros([channels, outputVectors]),
        ...(outputScalars ? { scalarsOut: zeroDense(width, outputScalars) } : {}),
        ...(conditions ? { condition: initCondition(key.split('condition'), conditions, width) } : {}),
      }
    },
    apply(params: Tree<Tensor>, input: CloudInput): Tensor {
      const p = params as Params<Tensor>
      const { feeds, mask, features } = input
      const { senders, displacements, real, r, radial } = edgesOf(input, basis, 'equivariant')
      const [batch, points, k] = senders.shape
      const directions = displacements.div(r)
      const c = embedCondition(p.condition, input.condition)

      const given = vectors && features ? channelVectors(features, vectors, dim) : undefined
      let h = dense(p.embed, invariants(features, given, vectors * dim, scalars) ?? tf.ones([batch, points, 1]))
      // [batch, points, dim, channels]: channels last, so that mixing them is a linear map
      let v = given && p.embedVectors ? linear(given, p.embedVectors) : tf.zeros([batch, points, dim, channels])

      const rows = batch * points
      const chunks = chunksFor(rows, Math.ceil((rows * k!) / (options.edgesPerChunk ?? defaultEdgesPerChunk)))
      const known = {
        directions: directions.reshape([rows, k, dim]),
        radial: radial.reshape([rows, k, -1]),
        ...(real ? { real: real.reshape([rows, k]) } : {}),
      }
      for (const l of p.layers) {
        const { gain, shift } = adaptiveNorm(l.norm, c)
        const seen = normalise(h).mul(gain).add(shift)
        const flat = tf.concat([linear(seen, l.sender), v.reshape([batch, points, dim * channels])], 2)
        const sent = gatherSenders(flat, senders, feeds).reshape([rows, k, width + dim * channels])
        const received = dense(l.receiver, seen).reshape([rows, width])
        const mapped = { ...known, sent, received, vectors: v.reshape([rows, dim, channels]) }
        const weights = { edge: l.edge, w: l.message.w, b: l.message.b, attention: l.attention, gates: l.gates }
        const found = mapChunks(edgeVectors, mapped, weights, { chunks })
        v = linear(v, l.mix).add(found.vectors.reshape(v.shape))
        if (!l.update) continue
        const rest = tf.concat([found.messages.reshape([batch, points, width]), vectorLengths(v)], 2)
        h = h.add(dense(l.update.out, silu(dense(l.update.self, seen).add(linear(rest, l.update.rest)))))
      }
      const vectorsOut = linear(v, p.vectorsOut)
        .transpose([0, 1, 3, 2])
        .reshape([batch, points, outputVectors * dim])
      const out = p.scalarsOut ? tf.concat([vectorsOut, dense(p.scalarsOut, normalise(h))], 2) : vectorsOut
      return hidePadding(out, mask)
    },
  }
}

type ReceiverEdges = {
  /** senders' own part of a message and their vectors, `[receivers, k, width + dim * channels]` */
  readonly sent: Tensor
  /** `[receivers, width]` */
  readonly received: Tensor
  /** the receivers' vectors, `[receivers, dim, channels]` */
  readonly vectors: Tensor
  /** unit vectors to the senders, `[receivers, k, dim]` */
  readonly directions: Tensor
  readonly radial: Tensor
  readonly real?: Tensor
}
type EdgeWeights = {
  readonly edge: Tensor
  readonly w: Tensor
  readonly b: Tensor
  readonly attention: Tensor
  readonly gates: Tensor
}

/** The edges of some receivers: scalar messages `[receivers, width]`, vectors `[receivers, dim, channels]`. */
function edgeVectors({ sent, received, vectors, directions, radial, real }: ReceiverEdges, p: EdgeWeights) {
  const [receivers, k, dim] = directions.shape
  const width = received.shape[1]!
  const channels = vectors.shape[2]!
  const [sentScalars, sentFlat] = tf.split(sent, [width, dim * channels], 2)
  const sentVectors = sentFlat.reshape([receivers, k, dim, channels])
  const along = directions.expandDims(3)
  const products = tf.concat([sentVectors.mul(along).sum(2), vectors.expandDims(1).mul(along).sum(2)], 2)
  const first = sentScalars.add(linear(tf.concat([radial, products], 2), p.edge)).add(received.expandDims(1))
  const message = silu(linear(silu(first), p.w, p.b))
  const shares = edgeShares(message, real, p.attention)
  const [toDirection, toSender] = tf.split(linear(message, p.gates).mul(shares).expandDims(2), 2, 3)
  return {
    messages: message.mul(shares).sum(1),
    vectors: along.mul(toDirection).add(sentVectors.mul(toSender)).sum(1),
  }
}

/** The leading vectors of the features, channels last: `[batch, points, dim, vectors]`. */
function channelVectors(features: Tensor, vectors: number, dim: number): Tensor {
  const [batch, points] = features.shape
  return features
    .slice([0, 0, 0], [-1, -1, vectors * dim])
    .reshape([batch, points, vectors, dim])
    .transpose([0, 1, 3, 2])
}

/** Lengths of the given vectors and the scalars: `[batch, points, vectors + scalars]`. */
function invariants(
  features: Tensor | undefined,
  given: Tensor | undefined,
  from: number,
  scalars: number,
): Tensor | undefined {
  const plain = features && scalars ? features.slice([0, 0, from], [-1, -1, scalars]) : undefined
  const norms = given ? vectorLengths(given) : undefined
  return norms && plain ? tf.concat([norms, plain], 2) : (norms ?? plain)
}

/** Lengths `[batch, points, channels]` of vectors `[batch, points, dim, channels]`, smooth at 0. */
function vectorLengths(v: Tensor): Tensor {
  return v.square().sum(2).add(1e-6).sqrt()
}
