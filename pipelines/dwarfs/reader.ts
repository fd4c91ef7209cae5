import * as tf from '@tensorflow/tfjs'
import type { MethodReader } from '../../generative/sbi/index.js'
import { embeddings, makeEmbedding } from '../../gnn/embeddings/index.js'
import type { Dwarf } from '../../io/dwarfs/index.js'
import type { DwarfsConfig } from './config.js'
import { observationOf, paddedTo } from './examples.js'
import { contextFeatures, starFeatures } from './seenDwarf.js'

/**
 * The stars of galaxies as a network reads them, padded to a few sizes. The scales of a galaxy go past the embedding
 * too: the posterior of a mass hangs on them with no need to learn it.
 */
export function dwarfReader({ embedding }: Pick<DwarfsConfig, 'embedding'>): MethodReader<Dwarf> {
  const neighbours = embeddings[embedding.kind].needsNeighbours ? embedding.neighbours : 0
  const embed = makeEmbedding({ ...embedding, features: starFeatures, conditions: contextFeatures })
  return {
    encode: dwarfs => observationOf(dwarfs, neighbours),
    sizeOf: ({ stars }) => paddedTo(stars),
    summary: {
      outputs: embedding.outputs + contextFeatures,
      init: embed.init,
      apply(params, { features, mask, context, senders, displacements }) {
        const input = { positions: features, features, mask, condition: context, senders, displacements }
        return tf.concat([embed.apply(params, input), context], 1)
      },
    },
  }
}
