import type { Tensor } from '@tensorflow/tfjs'
import type { Key } from './key.js'

/** Parameters: nested records of tensors (or of flat arrays with shapes, outside a program). */
export type Tree<T> = T | readonly Tree<T>[] | { readonly [name: string]: Tree<T> }

/** Values and shape of a parameter outside any tensor library. */
export interface ArrayValue {
  readonly shape: readonly number[]
  readonly values: Float32Array | Int32Array | Uint8Array
}

/** What a network sees of a cloud inside a program. All tensors; shapes are static. */
export interface CloudInput {
  /** `[batch, points, dim]` in the network's own units */
  readonly positions: Tensor
  /** `[batch, points, channels]` */
  readonly features?: Tensor
  /** `[batch, points]` float32, 1 where a point is real */
  readonly mask?: Tensor
  /** `[batch, conditions]`: theta (standardised) and the embedding of time or noise level */
  readonly condition?: Tensor
  /** `[batch, points, k]` int32, index of the k senders of each receiver within its own cloud */
  readonly senders?: Tensor
  /** `[batch, points, k, dim]` displacement to each sender by minimum image */
  readonly displacements?: Tensor
  /**
   * `[batch, points, width]` int32: the edges (receiver * k + slot) that each point feeds as a sender, padded with -1.
   * With it gradients through the senders are sums in a fixed order, exact on any number of threads.
   */
  readonly feeds?: Tensor
}

/**
 * A network is a plain object: how to begin and how to apply. `apply` is a pure tfjs program and therefore compiles.
 * Output: `[batch, points, outputs]`.
 */
export interface Network {
  readonly name: string
  init(key: Key): Tree<ArrayValue>
  apply(params: Tree<Tensor>, input: CloudInput): Tensor
}
