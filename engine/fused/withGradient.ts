import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import { isTracing } from '../index.js'

/** A value and how a gradient passes back through it: one tensor an input, in their order. */
export interface Differentiable {
  readonly value: Tensor
  readonly gradient: (dy: Tensor) => Tensor[]
}

/**
 * Marks what a gradient will read, so that tfjs does not dispose it when the forward function returns. Only while
 * tracing, where a tensor is a name and holds no memory.
 */
export function kept<T extends Tensor | { readonly [name: string]: Tensor }>(held: T): T {
  for (const tensor of held instanceof tf.Tensor ? [held] : Object.values(held)) tf.keep(tensor)
  return held
}

/**
 * A function of `inputs` with a gradient written by hand. What needs no gradient (indices, masks) it takes from around
 * it.
 */
export function withGradient(inputs: readonly Tensor[], run: (...inputs: Tensor[]) => Differentiable): Tensor {
  const custom = tf.customGrad((...args: (Tensor | tf.GradSaveFunc)[]) => {
    const given = args.slice(0, inputs.length) as Tensor[]
    const { value, gradient } = run(...given)
    if (isTracing()) for (const tensor of [...given, value]) kept(tensor)
    return { value, gradFunc: (dy: Tensor) => gradient(dy) }
  })
  return custom(...inputs)
}

/** True where the program is inside a gradient: forward passes alone may take operators that keep nothing for later. */
export function differentiates(): boolean {
  return tf.engine().isTapeOn()
}
