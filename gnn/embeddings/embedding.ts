import type { Tensor } from '@tensorflow/tfjs'
import { type ArrayValue, type CloudInput, type Key, type Tree, UsageError } from '../../core/index.js'

/**
 * A summary of a masked cloud that does not depend on the order of its points: what a flow is conditioned on. Its
 * numbers are free of scale, and trained together with the flow. `input.condition`, `[batch, conditions]`, are numbers
 * of the whole cloud (how many points it has, say), joined before the last layers. `apply` is a pure tfjs program and
 * therefore compiles.
 */
export interface Embedding {
  readonly name: string
  /** length of the summary */
  readonly outputs: number
  init(key: Key): Tree<ArrayValue>
  /** `[batch, outputs]` */
  apply(params: Tree<Tensor>, input: CloudInput): Tensor
}

/** What an embedding of every kind is made with. */
export interface EmbeddingSizes {
  /** feature channels */
  readonly features: number
  readonly width: number
  readonly layers: number
  /** length of the summary */
  readonly outputs: number
  /** numbers of the whole cloud, 0 for none */
  readonly conditions: number
  /** pooling heads (see poolPoints), 0 for the plain mean; default 4 */
  readonly heads?: number
}

/** An embedding was given clouds without the features it was made for. */
export class FeaturesMissing extends UsageError {
  constructor(
    readonly features: number,
    readonly given: number,
  ) {
    super(
      `expected ${features} features a point`,
      `got ${given}`,
      'build them as the embedding was trained with, or make it for these',
    )
  }
}

/** `[batch, points, features]` of a cloud, as many as expected. */
export function featuresOf({ features }: CloudInput, expected: number): Tensor {
  const given = features?.shape[2] ?? 0
  if (!features || given !== expected) throw new FeaturesMissing(expected, given)
  return features
}
