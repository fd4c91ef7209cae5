import type { Tensor } from '@tensorflow/tfjs'
import type { ArrayValue, CloudInput, Network, Tree } from '../../core/index.js'
import { initDense, lengths, type RadialBasis } from '../layers/index.js'
import { messagePassing, NeighboursMissing, transformer } from '../networks/index.js'
import { type Embedding, type EmbeddingSizes, featuresOf } from './embedding.js'
import { applyHead, type Head, initHead } from './head.js'
import { initAttention, poolPoints } from './pool.js'

type Params<T> = { readonly network: Tree<T>; readonly attention?: T; readonly head: Head<T> }

/**
 * Message passing over the neighbours in `input.senders` (see networks/messagePassing), pooled. Of an edge only its
 * length is read, so that a rotation of the sky changes nothing.
 *
 * @param options.basis what an edge knows of its length, in the unit of the displacements
 */
export function messagePassingEmbedding(options: EmbeddingSizes & { readonly basis: RadialBasis }): Embedding {
  const { features, width, layers, basis } = options
  const size = { dim: 1, features, outputs: width, width, layers, conditions: 0 }
  const network = messagePassing({ ...size, basis, aggregate: 'attention', norm: true })
  return pooledNetwork('message passing', options, network, input => {
    if (!input.senders || !input.displacements) throw new NeighboursMissing('message passing')
    return { ...input, features: featuresOf(input, features), displacements: lengths(input.displacements) }
  })
}

/**
 * Attention of every point to every other (see networks/transformer), pooled. Positions enter through the features
 * alone.
 */
export function transformerEmbedding(options: EmbeddingSizes & { readonly attentionHeads: number }): Embedding {
  const { features, width, layers, attentionHeads } = options
  const size = { dim: features, features: 0, outputs: width, width, layers, conditions: 0 }
  const network = transformer({ ...size, heads: attentionHeads, mlp: 2 * width })
  return pooledNetwork('transformer', options, network, input => ({
    positions: featuresOf(input, features),
    mask: input.mask,
  }))
}

/** A network's answers at all points, pooled; then the head. */
function pooledNetwork(
  name: string,
  options: EmbeddingSizes,
  network: Network,
  seen: (input: CloudInput) => CloudInput,
): Embedding {
  const { width, outputs, conditions } = options
  return {
    name,
    outputs,
    init(key): Params<ArrayValue> {
      const tree = network.init(key.split('network'))
      return {
        // The network's last map, zero for a score, would give the head zeros at first.
        network: { ...(tree as Record<string, Tree<ArrayValue>>), out: initDense(key.split('out'), width, width) },
        ...initAttention(options),
        head: initHead(key.split('head'), options),
      }
    },
    apply(params: Tree<Tensor>, input: CloudInput): Tensor {
      const p = params as Params<Tensor>
      const h = network.apply(p.network, seen({ ...input, condition: undefined }))
      return applyHead(p.head, poolPoints(h, p.attention, input.mask), input.condition, conditions)
    },
  }
}
