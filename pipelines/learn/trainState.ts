import type { ArrayValue } from '../../core/index.js'
import type { TrainState } from '../../engine/index.js'

const vectors = ['params', 'm', 'v', 'ema'] as const

/** The state of a trainer as the tensors of a checkpoint. */
export function tensorsOf(state: TrainState): Record<string, ArrayValue> {
  return Object.fromEntries(vectors.map(name => [name, { shape: [state[name].length], values: state[name] }]))
}

/** And back. */
export function stateOf(step: number, tensors: Readonly<Record<string, { readonly values: unknown }>>): TrainState {
  const vector = (name: string) => tensors[name].values as Float32Array
  return { step, params: vector('params'), m: vector('m'), v: vector('v'), ema: vector('ema') }
}
