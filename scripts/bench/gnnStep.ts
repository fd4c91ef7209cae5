import { makeKey, normal, periodicBox, uniform } from '../../core/index.js'
import { knn } from '../../gnn/graph/index.js'
import { feedsOf } from '../../gnn/layers/index.js'
import { messagePassing } from '../../gnn/networks/index.js'
import { type BenchLine, benchStep, type StepBench } from './trainingStep.js'

const points = 5000
const k = 20

/**
 * A training step of the message-passing network beside PyTorch's, at the size of the design: one cloud of 5,000 points
 * with 20 neighbours each, width 128, 4 layers, mean of the messages. Gradients through the senders are exact sums
 * (`feeds`).
 */
export function gnnStep(): Promise<BenchLine> {
  return benchStep(gnnStepBench())
}

export function gnnStepBench(): StepBench {
  const key = makeKey(4)
  const cloud = (name: string) => ({ shape: [1, points, 3], values: normal(key.split(name), [1, points, 3]) })
  const { senders, displacements } = knn(uniform(key.split('positions'), [points, 3]), periodicBox(1), k)
  const { edges, width } = feedsOf(senders, points)
  return {
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
      positions: cloud('unread'),
      features: cloud('features'),
      senders: { shape: [1, points, k], values: senders },
      displacements: { shape: [1, points, k, 3], values: displacements },
      feeds: { shape: [1, points, width], values: edges },
      target: cloud('target'),
    },
    ours: ['positions', 'feeds'],
    peer: 'gnn_step.py',
    threads: 2,
  }
}
