import type { Tensor } from '@tensorflow/tfjs'
import { type ArrayValue, type Key, normal } from '../../core/index.js'
import { linear } from '../../engine/fused/index.js'

/** A linear map with its bias: w `[inputs, outputs]`, b `[outputs]`. */
export type Dense<T> = { readonly w: T; readonly b: T }

/**
 * Normal weights of variance gain^2 / inputs (LeCun et al. 1998, "Efficient BackProp", section 4.6); no bias at first.
 */
export function initDense(key: Key, inputs: number, outputs: number, gain = 1): Dense<ArrayValue> {
  return { w: initWeight(key, inputs, outputs, gain), b: zeros([outputs]) }
}

export function initWeight(key: Key, inputs: number, outputs: number, gain = 1): ArrayValue {
  const values = normal(key, [inputs, outputs])
  const scale = gain / Math.sqrt(Math.max(1, inputs))
  for (let i = 0; i < values.length; i++) values[i] *= scale
  return { shape: [inputs, outputs], values }
}

/** A map that gives 0 at first: outputs and conditions begin without effect. */
export function zeroDense(inputs: number, outputs: number): Dense<ArrayValue> {
  return { w: zeros([inputs, outputs]), b: zeros([outputs]) }
}

export function zeros(shape: readonly number[]): ArrayValue {
  return full(shape, 0)
}

export function full(shape: readonly number[], value: number): ArrayValue {
  return { shape, values: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value) }
}

export function dense(p: Dense<Tensor>, x: Tensor): Tensor {
  return linear(x, p.w, p.b)
}
