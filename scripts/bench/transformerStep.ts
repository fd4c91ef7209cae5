import { makeKey, normal } from '../../core/index.js'
import { transformer } from '../../gnn/networks/index.js'
import { type BenchLine, benchStep, type StepBench } from './trainingStep.js'

const batch = 8
const points = 512

/** A training step of the transformer beside PyTorch's, at the size of the design: batch 8, 512 points, width 128. */
export function transformerStep(): Promise<BenchLine> {
  return benchStep(transformerStepBench())
}

export function transformerStepBench(): StepBench {
  const key = makeKey(3)
  const cloud = (name: string) => ({ shape: [batch, points, 3], values: normal(key.split(name), [batch, points, 3]) })
  return {
    name: 'transformer-step',
    size: 'batch 8, 512 points, width 128, 4 layers, 4 heads, mlp 512',
    network: transformer({ dim: 3, features: 0, outputs: 3, width: 128, layers: 4, heads: 4, mlp: 512, conditions: 0 }),
    inputs: { positions: cloud('positions'), target: cloud('target') },
    peer: 'transformer_step.py',
    threads: 2,
  }
}
