import { makeKey, uniform } from '../../../core/index.js'
import type { DType } from '../../../engine/index.js'

export interface Input {
  readonly shape: readonly number[]
  readonly dtype: DType
  readonly values: Float32Array | Int32Array | Uint8Array
}

function draw(shape: readonly number[], seed: number): Float32Array {
  return uniform(makeKey(20240 + seed), shape.length === 0 ? 1 : shape)
}

/** Numbers in [low, high), none within 1e-3 of a whole or half number, where rounding and ties would jump. */
export function numbers(shape: readonly number[], low = -2, high = 2, seed = 1): Input {
  const values = draw(shape, seed).map(u => {
    const x = low + (high - low) * u
    const near = Math.round(2 * x) / 2
    return high - low > 0.1 && Math.abs(x - near) < 0.02 ? near + 0.03 : x
  })
  return { shape, dtype: 'float32', values }
}

/** Whole numbers from low to high, both included. */
export function integers(shape: readonly number[], low: number, high: number, seed = 1): Input {
  const values = Int32Array.from(draw(shape, seed), u => low + Math.floor((high - low + 1) * u))
  return { shape, dtype: 'int32', values }
}

export function truths(shape: readonly number[], seed = 1): Input {
  return { shape, dtype: 'bool', values: Uint8Array.from(draw(shape, seed), u => (u < 0.6 ? 1 : 0)) }
}
