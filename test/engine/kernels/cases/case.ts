import * as tf from '@tensorflow/tfjs'
import { type Input, numbers } from '../inputs.js'

/** One law-abiding example a kernel: the law test runs it compiled and eager, forward and backward. */
export interface Case {
  readonly inputs: readonly Input[]
  readonly program: (...xs: tf.Tensor[]) => tf.Tensor | tf.Tensor[]
  /** tfjs itself never asks for a gradient of this kernel. */
  readonly forwardOnly?: boolean
}

export const x43 = numbers([4, 3])
export const positive = numbers([4, 3], 0.2, 3)
export const inside = numbers([4, 3], -0.9, 0.9)

export const unary = (f: (x: tf.Tensor) => tf.Tensor, x: Input = x43): Case => ({ inputs: [x], program: f })
export const binary = (f: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor, a = x43, b = numbers([3], 0.3, 2)): Case => ({
  inputs: [a, b],
  program: f,
})
export const kernel = (name: string, inputs: object, attrs: object = {}): tf.Tensor | tf.Tensor[] =>
  tf.engine().runKernel(name, inputs as tf.NamedTensorMap, attrs as tf.NamedAttrMap) as tf.Tensor | tf.Tensor[]

/** Several uses of one kernel in one case. */
export const several = (
  inputs: readonly Input[],
  ...programs: ((...xs: tf.Tensor[]) => tf.Tensor | tf.Tensor[])[]
): Case => ({
  inputs,
  program: (...xs) => programs.flatMap(f => f(...xs)),
})

export const forwardOnly = (example: Case): Case => ({ ...example, forwardOnly: true })
