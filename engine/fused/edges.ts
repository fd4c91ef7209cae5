import type { Tensor } from '@tensorflow/tfjs'

/** Who sends to whom. */
export interface EdgeGraph {
  /** `[batch, points, k]` int32 */
  readonly senders: Tensor
  /** `[batch, points, width]` int32, see gatherSenders */
  readonly feeds?: Tensor
  /** `[batch, points, k]` float32: 0 where the sender is padding */
  readonly real?: Tensor
}

export interface EdgeWeights {
  /** `[edge features, width]` */
  readonly edge: Tensor
  /** `[width, width]` */
  readonly w: Tensor
  /** `[width]` */
  readonly b: Tensor
  /** `[width, 1]`: edge attention; without it the messages are averaged */
  readonly attention?: Tensor
}

/** The arguments of edgeMessages with the points of all clouds as rows: what its chunks work on. */
export interface EdgeInputs {
  /** `[rows, width]` */
  readonly senders: Tensor
  /** `[rows, k]` int32, into the rows */
  readonly index: Tensor
  /** `[rows, width]` */
  readonly received: Tensor
  /** `[rows, k, edge features]` */
  readonly features: Tensor
  /** `[rows, k]` */
  readonly real: Tensor | undefined
}
