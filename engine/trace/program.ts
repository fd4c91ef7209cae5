import type * as tf from '@tensorflow/tfjs'
import type { Attributes } from '../onnx/model.js'
import { wrap } from './backend.js'
import { constantName, type DType, node, type Operator, rawNode, type Shaped, tensorOf } from './emit.js'
import type { Ref } from './graph.js'
import { currentGraph, isPortable } from './state.js'
import { assertNotOnTape } from './tape.js'

/**
 * Records one ONNX node from inside a program and returns its outputs as tensors. Only while `isTracing()`. The
 * outputs have no gradient of their own: wrap the call in `tf.customGrad`. Where tfjs would differentiate through the
 * node all the same (also a second time, through a hand-written gradient) it is an error, not a silent zero.
 *
 * ```ts
 * const [y] = emit('Softplus', [x], [{ shape: x.shape }])
 * const [z] = emit(microsoft('QuickGelu'), [x], [{ shape: x.shape }], { alpha: { float: 1 } })
 * ```
 *
 * @param operator   the name of a standard operator, or `microsoft(name)` for one of onnxruntime (see `isPortable`)
 * @param inputs     tensors of the program, constants, or `undefined` for an optional input omitted
 * @param outputs    shape and type of each output
 * @param attributes floats as `{ float: x }`, integers as numbers
 */
export function emit(
  operator: Operator,
  inputs: readonly (tf.Tensor | undefined)[],
  outputs: readonly Shaped[],
  attributes: Attributes = {},
): tf.Tensor[] {
  assertNotOnTape(typeof operator === 'string' ? operator : operator.name)
  if (outputs.length === 1 || (isPortable() && typeof operator !== 'string'))
    return [wrap(node(operator, inputs, outputs[0], attributes))]
  const names = rawNode(operator, inputs, attributes, outputs.length)
  return names.map((name, i) => wrap(tensorOf(name, outputs[i])))
}

/**
 * A constant of the graph, stored in the model; one of a single repeated value is made when the graph runs. Only while
 * `isTracing()`: `constant([1, 2, 3], [3])`.
 */
export function constant(values: ArrayLike<number>, shape: readonly number[], dtype: DType = 'float32'): tf.Tensor {
  return wrap(tensorOf(constantName(values, shape, dtype), { shape, dtype }))
}

/**
 * int64 constant, as many operators want their shapes and axes: `emit('Squeeze', [x, indexConstant([0])], [out])`. It
 * has no tfjs type: use it only as input of `emit`.
 */
export function indexConstant(values: readonly number[]): tf.Tensor {
  const bytes = new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer)
  const name = currentGraph().addInitializer('int64', [values.length], bytes)
  return wrap(tensorOf(name, { shape: [values.length], dtype: 'int32' }))
}

/**
 * Makes a tensor once in a trace and gives it again for the same key: a transposed weight, a mask. Inside a mapped
 * chunk the memory is the chunk's own.
 *
 * ```ts
 * const ones = onceInTrace(`ones ${n}`, () => constant(new Float32Array(n).fill(1), [n]))
 * ```
 */
export function onceInTrace(key: string, make: () => tf.Tensor): tf.Tensor {
  const graph = currentGraph()
  const held = graph.memo(`user:${key}`, () => {
    const made: tf.TensorInfo = make()
    return { ref: made as Ref, shape: made.shape, dtype: made.dtype as DType }
  })
  const name = typeof held.ref === 'object' ? graph.nameOf(held.ref.dataId) : held.ref
  return wrap(tensorOf(name as string, held))
}
