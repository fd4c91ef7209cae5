import type { OrtTensor } from '../model.js'

/** A tensor on its way between threads. */
export interface Wire {
  readonly dtype: string
  readonly shape: readonly number[]
  /** Over shared memory where it need not be copied twice. */
  readonly values: Float32Array | Int32Array | Uint8Array
}

export type Request =
  /** Answered when everything before is. */
  | { readonly kind: 'rest' }
  | { readonly kind: 'load'; readonly model: string; readonly bytes: Uint8Array }
  /** Inputs that every later run of the model has beside its own. */
  | { readonly kind: 'keep'; readonly model: string; readonly inputs: Readonly<Record<string, Wire>> }
  | {
      readonly kind: 'run'
      readonly model: string
      readonly inputs: Readonly<Record<string, Wire>>
      /** Shared memory for outputs by name; the others come back in the reply. */
      readonly into: Readonly<Record<string, SharedArrayBuffer>>
    }

export type Reply =
  | { readonly kind: 'done'; readonly outputs: Readonly<Record<string, Wire>> }
  | { readonly kind: 'failed'; readonly message: string }

/** The inputs of a model as they go to a thread. */
export function wires(feeds: Readonly<Record<string, OrtTensor>>): Record<string, Wire> {
  return Object.fromEntries(
    Object.entries(feeds).map(([name, { type, dims, data }]) => [
      name,
      { dtype: type, shape: dims, values: data as Float32Array },
    ]),
  )
}
