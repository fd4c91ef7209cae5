import type { Tensor } from '@tensorflow/tfjs'
import type { ArrayValue, Key, Tree } from '../../core/index.js'
import type { Estimator } from './estimator.js'

/** Pairs of parameters and data as a method learns from them. */
export interface SimulationBatch<T> {
  /** `[rows, p]` standard normal coordinates of theta, see `ParameterPrior` */
  readonly z: T
  /** `[rows, observations]` as simulated; the method standardises */
  readonly x: T
}

/**
 * What is learned of pairs (theta, x), by what loss, and how it answers once trained. Programs are pure and compile.
 */
export interface Method {
  readonly name: string
  init(key: Key): Tree<ArrayValue>
  /** Random numbers that the loss wants beside a batch: times, noises, shuffles. */
  noise(key: Key, rows: number): Readonly<Record<string, ArrayValue>>
  /** The mean over rows of what is to become small. */
  loss(
    params: Tree<Tensor>,
    batch: SimulationBatch<Tensor> & { readonly noise: Readonly<Record<string, Tensor>> },
  ): { readonly loss: Tensor }
  estimator(params: Tree<ArrayValue>, options: { readonly threads: number }): Estimator
  /** Several trainings as one: the mixture of posteriors, or the mean of log-likelihoods or log-ratios. */
  ensemble(members: readonly Tree<ArrayValue>[], options: { readonly threads: number }): Estimator
}
