import type { ArrayValue } from '../core/index.js'
import type { Spec } from './trace/trace.js'

const dtypes = { Float32Array: 'float32', Int32Array: 'int32', Uint8Array: 'bool' } as const

/** The shape and the type of values, as a program is compiled for them. */
export function specOf({ shape, values }: ArrayValue): Spec & { readonly dtype: (typeof dtypes)[keyof typeof dtypes] } {
  return { shape: [...shape], dtype: dtypes[values.constructor.name as keyof typeof dtypes] }
}
