import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import type { ArrayValue, CloudInput, Key, Network, Tree } from '../../core/index.js'
import { defaultEdgesPerChunk, edgeMessages, linear, normalise, normLinear, silu } from '../../engine/fused/index.js'
import { chunksFor } from '../../engine/index.js'
import type { AdaptiveNorm, ConditionEmbedding } from '../layers/condition.js'
import { adaptiveNorm, embedCondition, initAdaptiveNorm, initCondition } from '../layers/condition.js'
import { type Dense, dense, initDense, initWeight, zeroDense, zeros } from '../layers/dense.js'
import { type RadialBasis, radialChannels } from '../layers/edgeFeatures.js'
import { hidePadding } from '../layers/masked.js'
import { edgesOf } from './neighbours.js'

export interface MessagePassingOptions {
  /** axes of the displacements */
  readonly dim: number
  /** feature channels, 0 for none */
  readonly features: number
  readonly outputs: number
  readonly width: number
  readonly layers: number
  /** length of the condition, 0 for none */
  readonly conditions: number
  /** what an edge knows of its length; `to` is also the unit of its displacement */
  readonly basis: RadialBasis
  /** messages weighted by edge attention, or their mean */
  readonly aggregate: 'attention' | 'mean'
  /** layer norm before every update; conditions need it */
  readonly norm: boolean
  /** how many edges a compiled program works on at once; the default suits a processor's cache */
  readonly edgesPerChunk?: number
}

type Layer<T> = {
  readonly norm?: AdaptiveNorm<T>
  readonly sender: T
  readonly receiver: Dense<T>
  readonly edge: T
  readonly message: Dense<T>
  readonly attention?: T
  readonly updateSelf: Dense<T>
  readonly updateMessages: T
  readonly updateOut: Dense<T>
}

type Params<T> = {
  readonly embed: Dense<T>
  readonly layers: readonly Layer<T>[]
  readonly norm?: AdaptiveNorm<T>
  readonly out: Dense<T>
  readonly condition?: ConditionEmbedding<T>
}

/**
 * Message passing over k neighbours with edge attention (Battaglia et al. 2018, arXiv 1806.01261, algorithm 1; the
 * score network of Cuesta-Lazaro and Mishra-Sharma 2023, arXiv 2311.17141, section 3). It sees features and
 * displacements, never positions: so permutation-equivariant, and unchanged by a translation, also of a periodic box.
 * Messages: see edgeMessages.
 */
export function messagePassing(options: MessagePassingOptions): Network {
  const { dim, features, outputs, width, layers, conditions, basis, aggregate, norm, edgesPerChunk } = options
  const edges = dim + radialChannels(basis)
  const condition = conditions ? width : 0

  function layer(key: Key): Layer<ArrayValue> {
    const branch = 1 / Math.sqrt(layers)
    return {
      ...(norm ? { norm: initAdaptiveNorm(width, condition) } : {}),
      sender: initWeight(key.split('sender'), width, width, Math.SQRT1_2),
      receiver: initDense(key.split('receiver'), width, width, Math.SQRT1_2),
      edge: initWeight(key.split('edge'), edges, width),
      message: initDense(key.split('message'), width, width, Math.SQRT2),
      ...(aggregate === 'attention' ? { attention: zeros([width, 1]) } : {}),
      updateSelf: initDense(key.split('self'), width, width),
      updateMessages: initWeight(key.split('messages'), width, width, Math.SQRT2),
      updateOut: initDense(key.split('out'), width, width, branch),
    }
  }

  return {
    name: 'message passing',
    init(key): Params<ArrayValue> {
      return {
        embed: initDense(key.split('embed'), Math.max(1, features), width),
        layers: Array.from({ length: layers }, (_, i) => layer(key.split('layer').split(i))),
        ...(norm ? { norm: initAdaptiveNorm(width, condition) } : {}),
        out: zeroDense(width, outputs),
        ...(conditions ? { condition: initCondition(key.split('condition'), conditions, width) } : {}),
      }
    },
    apply(params: Tree<Tensor>, input: CloudInput): Tensor {
      const p = params as Params<Tensor>
      const { feeds, mask } = input
      const { senders, displacements, real, radial } = edgesOf(input, basis, 'message passing')
      const [batch, points, k] = senders.shape
      const chunks = chunksFor(
        batch * points,
        Math.ceil((batch * points * k!) / (edgesPerChunk ?? defaultEdgesPerChunk)),
      )
      const graph = { senders, feeds, real }
      const edge = tf.concat([displacements.div(basis.to), radial], 3)
      const c = embedCondition(p.condition, input.condition)
      let h = dense(p.embed, input.features ?? tf.ones([batch, points, 1]))
      for (const l of p.layers) {
        const seen = l.norm ? modulated(h, adaptiveNorm(l.norm, c)) : h
        const weights = { edge: l.edge, ...l.message, attention: l.attention }
        const inputs = { senders: linear(seen, l.sender), receivers: dense(l.receiver, seen), features: edge }
        const messages = edgeMessages(inputs, graph, weights, chunks)
        const update = silu(dense(l.updateSelf, seen).add(linear(messages, l.updateMessages)))
        h = h.add(dense(l.updateOut, update))
      }
      const out = p.norm ? normLinear(h, { ...adaptiveNorm(p.norm, c), ...p.out }) : dense(p.out, h)
      return hidePadding(out, mask)
    },
  }
}

function modulated(h: Tensor, { gain, shift }: { gain: Tensor; shift: Tensor }): Tensor {
  return normalise(h).mul(gain).add(shift)
}
