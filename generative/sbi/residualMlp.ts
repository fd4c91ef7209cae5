import type { Tensor } from '@tensorflow/tfjs'
import type { ArrayValue, Key, Tree } from '../../core/index.js'
import { linear, silu } from '../../engine/fused/index.js'
import { initLinear, type Linear, zeros } from '../flow/parameters.js'

export interface ResidualMlpOptions {
  readonly inputs: number
  readonly outputs: number
  readonly width: number
  /** pairs of layers that add to what they see */
  readonly blocks: number
  /** the last layer begins with zeros, so that the whole does; default false */
  readonly silent?: boolean
}

type Params<T> = {
  readonly enter: Linear<T>
  readonly blocks: readonly { readonly up: Linear<T>; readonly down: Linear<T> }[]
  readonly leave: Linear<T>
}

export interface RowNetwork {
  readonly outputs: number
  init(key: Key): Tree<ArrayValue>
  /** `[batch, inputs]` to `[batch, outputs]` */
  apply(params: Tree<Tensor>, x: Tensor): Tensor
}

/**
 * Residual network of rows of numbers: h + W2 silu(W1 silu(h)), pre-activation (He et al. 2016, arXiv 1603.05027),
 * without normalisation.
 */
export function residualMlp({ inputs, outputs, width, blocks, silent = false }: ResidualMlpOptions): RowNetwork {
  return {
    outputs,
    init(key): Params<ArrayValue> {
      const last = initLinear(key.split('leave'), width, outputs)
      return {
        enter: initLinear(key.split('enter'), inputs, width),
        blocks: Array.from({ length: blocks }, (_, i) => ({
          up: initLinear(key.split('up').split(i), width, width, Math.SQRT2),
          down: initLinear(key.split('down').split(i), width, width, 1 / Math.sqrt(2 * blocks)),
        })),
        leave: silent ? { w: zeros([width, outputs]), b: last.b } : last,
      }
    },
    apply(tree, x) {
      const p = tree as Params<Tensor>
      let h = linear(x, p.enter.w, p.enter.b)
      for (const { up, down } of p.blocks) h = h.add(linear(silu(linear(silu(h), up.w, up.b)), down.w, down.b))
      return linear(silu(h), p.leave.w, p.leave.b)
    },
  }
}
