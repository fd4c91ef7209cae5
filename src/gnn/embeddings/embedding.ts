import type { Tensor } from '@tensorflow/tfjs'
import type { ArrayValue, CloudInput, Key, Tree } from '../../core/index.js'

/**
 * A summary of a masked cloud that knows no order of its points: what a flow is conditioned on. Its numbers are free of scale, and
 * trained together with the flow. `input.condition`, `[batch, conditions]`, are numbers of the whole cloud (how many points it has, say),
 * joined before the last layers. `apply` is a pure tfjs program and therefore compiles.
 */
export interface Embedding {
  readonly name: string
  /** length of the summary */
  readonly outputs: number
  init(key: Key): Tree<ArrayValue>
  /** `[batch, outputs]` */
  apply(params: Tree<Tensor>, input: CloudInput): Tensor
}
