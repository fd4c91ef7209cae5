import type { Tensor } from '@tensorflow/tfjs'
import type { ArrayValue, Key, Tree } from '../../core/index.js'
import type { MethodName } from './methodNames.js'
import type { LearnedPosterior, PosteriorInZ } from './posteriorInZ.js'
import type { MethodReader, ObservationTensors } from './reader.js'

/** Pairs of parameters and observations as a loss takes them, with the random numbers that it asked for. */
export interface SimulationTensors {
  /** `[rows, p]` standard normal coordinates of theta, see `ParameterPrior` */
  readonly z: Tensor
  /** as the method's reader encodes them; the reader standardises */
  readonly observation: ObservationTensors
  readonly noise: Readonly<Record<string, Tensor>>
}

/**
 * What is learned of pairs (theta, observation), by what loss, and how it answers once trained. Programs are pure and
 * compile.
 */
export interface Method<O> {
  readonly name: MethodName
  readonly reader: MethodReader<O>
  init(key: Key): Tree<ArrayValue>
  /** Random numbers that the loss needs beside a batch: times, noises, shuffles. */
  noise(key: Key, rows: number): Readonly<Record<string, ArrayValue>>
  /** The mean over rows of what training makes small. */
  loss(params: Tree<Tensor>, batch: SimulationTensors): { readonly loss: Tensor }
  /**
   * The posterior, over standard normal coordinates, of one training or of several as one: the mixture of posteriors,
   * or the mean of log-likelihoods or log-ratios.
   */
  inZ(members: readonly Tree<ArrayValue>[], options: { readonly threads: number }): PosteriorInZ<O>
  /** The same over theta. */
  posterior(members: readonly Tree<ArrayValue>[], options: { readonly threads: number }): LearnedPosterior<O>
}
