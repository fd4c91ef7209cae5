import { type ArrayValue, makeKey, normal, periodicBox, uniform } from '../../core/index.js'
import { knn } from '../../gnn/graph/index.js'
import { feedsOf } from '../../gnn/layers/index.js'
import { messagePassing, transformer } from '../../gnn/networks/index.js'
import type { BenchLine } from './benchLine.js'
import { benchStep } from './trainingStep.js'

const threads = 2

/** A training step of the transformer beside PyTorch's, at the size of the design: batch 8, 512 points, width 128. */
export function transformerStep(): Promise<BenchLine> {
  const inputs = normals(3, [8, 512, 3])
  return benchStep({
    name: 'transformer-step',
    size: 'batch 8, 512 points, width 128, 4 layers, 4 heads, mlp 512',
    network: transformer({ dim: 3, features: 0, outputs: 3, width: 128, layers: 4, heads: 4, mlp: 512, conditions: 0 }),
    inputs: { positions: inputs('positions'), target: inputs('target') },
    peer: 'transformer_step.py',
    threads,
  })
}

/**
 * A training step of the message-passing network beside PyTorch's, at the size of the design: one cloud of 5,000 points
 * with 20 neighbours each, width 128, 4 layers, mean of the messages. Gradients through the senders are exact sums
 * (`feeds`).
 */
export function gnnStep(): Promise<BenchLine> {
  const [seed, points, k] = [4, 5000, 20]
  const inputs = normals(seed, [1, points, 3])
  const positions = uniform(makeKey(seed).split('positions'), [points, 3])
  const { senders, displacements } = knn(positions, periodicBox(1), k)
  const { edges, width } = feedsOf(senders, points)
  return benchStep({
    name: 'gnn-step',
    size: '5000 points, 20 neighbours, width 128, 4 layers',
    network: messagePassing({
      dim: 3,
      features: 3,
      outputs: 3,
      width: 128,
      layers: 4,
      conditions: 0,
      basis: { count: 0, from: 0.1, to: 1 },
      aggregate: 'mean',
      norm: false,
    }),
    inputs: {
      positions: inputs('unread'),
      features: inputs('features'),
      senders: { shape: [1, points, k], values: senders },
      displacements: { shape: [1, points, k, 3], values: displacements },
      feeds: { shape: [1, points, width], values: edges },
      target: inputs('target'),
    },
    ours: ['positions', 'feeds'],
    peer: 'gnn_step.py',
    threads,
  })
}

/** Inputs of one shape, standard normal numbers, by name. */
function normals(seed: number, shape: readonly number[]): (name: string) => ArrayValue {
  const key = makeKey(seed)
  return name => ({ shape: [...shape], values: normal(key.split(name), [...shape]) })
}
