import type { Tensor } from '@tensorflow/tfjs'
import type { Reader } from '../../core/index.js'
import type { LinearGaussian } from '../flow/linearGaussian.js'

/** An observation as tensors of a program, under the names that its reader gave them. */
export type ObservationTensors = Readonly<Record<string, Tensor>>

/** The linear regression that a method begins at, and the numbers of an observation that it is a regression on. */
export interface LinearStart<O> {
  /** standard normal coordinates of theta given the numbers */
  readonly regression: LinearGaussian
  /** how many numbers */
  readonly width: number
  /** `[batch, width]` in a program */
  numbers(observation: ObservationTensors): Tensor
  /** `[width]` the same in double precision */
  numbersOf(object: O): Float64Array
}

/** A reader that may know a first answer: the linear regression of theta on what it reads. */
export interface MethodReader<O> extends Reader<O> {
  readonly start?: LinearStart<O>
}
