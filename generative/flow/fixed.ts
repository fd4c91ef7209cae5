import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import { constant, isTracing, onceInTrace } from '../../engine/index.js'

/** Numbers that are part of a bijection's definition: a mask, a permutation, a statistic. */
export interface Fixed {
  readonly shape: readonly number[]
  readonly values: Float32Array
  /** what it holds, so that a trace keeps equal ones once */
  readonly name: string
}

/** @param entry the number at a place of a vector or a matrix */
export function fixed(shape: readonly number[], entry: (...at: number[]) => number): Fixed {
  const columns = shape[shape.length - 1]
  const size = shape.reduce((a, b) => a * b, 1)
  const values = Float32Array.from({ length: size }, (_, i) =>
    shape.length === 1 ? entry(i) : entry(Math.floor(i / columns), i % columns),
  )
  return { shape, values, name: `fixed ${shape.join('x')}: ${values.join()}` }
}

/** As a tensor: one constant a trace, however often it is asked for. */
export function asTensor({ shape, values, name }: Fixed): Tensor {
  return isTracing() ? onceInTrace(name, () => constant(values, shape)) : tf.tensor(values, [...shape])
}
