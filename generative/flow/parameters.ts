import { type ArrayValue, type Key, normal } from '../../core/index.js'

/** A linear map with its bias: w `[inputs, outputs]`, b `[outputs]`. */
export type Linear<T> = { readonly w: T; readonly b: T }

export function zeros(shape: readonly number[]): ArrayValue {
  return { shape, values: new Float32Array(shape.reduce((a, b) => a * b, 1)) }
}

/** Normal weights of variance gain^2 / fan-in; no bias at first. `fanIn` counts the inputs that a mask lets through. */
export function initWeight(
  key: Key,
  inputs: number,
  outputs: number,
  { fanIn = inputs, gain = 1 }: { readonly fanIn?: number; readonly gain?: number } = {},
): ArrayValue {
  const values = normal(key, [inputs, outputs])
  const scale = gain / Math.sqrt(Math.max(1, fanIn))
  for (let i = 0; i < values.length; i++) values[i] *= scale
  return { shape: [inputs, outputs], values }
}

export function initLinear(key: Key, inputs: number, outputs: number, gain = 1): Linear<ArrayValue> {
  return { w: initWeight(key, inputs, outputs, { gain }), b: zeros([outputs]) }
}
