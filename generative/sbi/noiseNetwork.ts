import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import type { ArrayValue, Key, Summary, Tree } from '../../core/index.js'
import { linear, silu } from '../../engine/fused/index.js'
import { initLinear, type Linear, zeros } from '../flow/parameters.js'
import type { ObservationTensors } from './reader.js'

export interface NoiseNetworkOptions {
  readonly dim: number
  readonly summary: Summary<ObservationTensors>
  readonly width: number
  readonly blocks: number
}

type Params<T> = {
  readonly summary: Tree<T>
  readonly enter: Linear<T>
  readonly context: Linear<T>
  readonly blocks: readonly { readonly up: Linear<T>; readonly context: T; readonly down: Linear<T> }[]
  readonly leave: Linear<T>
}

/** F(y; log sigma, x) of the velocity and the score methods; 0 at first. All programs are pure and compile. */
export interface NoiseNetwork {
  readonly outputs: number
  init(key: Key): Tree<ArrayValue>
  summary(params: Tree<Tensor>, observation: ObservationTensors): Tensor
  /**
   * @param y        `[batch, dim]` of unit variance
   * @param logSigma `[batch]`, or `[1]` for all rows
   * @param summary  `[batch, outputs]`, or `[1, outputs]`
   */
  apply(params: Tree<Tensor>, y: Tensor, logSigma: Tensor, summary: Tensor): Tensor
}

/** Turns of the sines that stand for a noise level, a nat of log sigma. */
const levelFrequencies = [0.25, 0.5, 1, 2]

/** Residual network whose blocks all see the noise level and the summary of x. */
export function noiseNetwork({ dim, summary, width, blocks }: NoiseNetworkOptions): NoiseNetwork {
  const levels = 1 + 2 * levelFrequencies.length
  return {
    outputs: summary.outputs,
    init(key): Params<ArrayValue> {
      return {
        summary: summary.init(key.split('summary')),
        enter: initLinear(key.split('enter'), dim, width),
        context: initLinear(key.split('context'), summary.outputs + levels, width),
        blocks: Array.from({ length: blocks }, (_, i) => ({
          up: initLinear(key.split('up').split(i), width, width),
          context: initLinear(key.split('block context').split(i), width, width).w,
          down: initLinear(key.split('down').split(i), width, width, 1 / Math.sqrt(2 * blocks)),
        })),
        leave: { w: zeros([width, dim]), b: zeros([dim]) },
      }
    },
    summary: (params, observation) => summary.apply((params as Params<Tensor>).summary, observation),
    apply(tree, y, logSigma, seen) {
      const p = tree as Params<Tensor>
      const level = logSigma.reshape([-1, 1])
      const waves = levelFrequencies.flatMap(frequency => [level.mul(frequency).sin(), level.mul(frequency).cos()])
      const context = silu(linear(tf.concat([seen, level.div(4), ...waves], 1), p.context.w, p.context.b))
      let h = linear(y, p.enter.w, p.enter.b).add(context)
      for (const block of p.blocks) {
        const inner = linear(silu(h), block.up.w, block.up.b).add(linear(context, block.context))
        h = h.add(linear(silu(inner), block.down.w, block.down.b))
      }
      return linear(silu(h), p.leave.w, p.leave.b)
    },
  }
}
