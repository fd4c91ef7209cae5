import * as tf from '@tensorflow/tfjs'
import { NotPortable, TraceMisuse } from '../errors.js'
import type { Attributes, ElementType } from '../onnx/model.js'
import type { Graph, Ref } from './graph.js'
import { currentGraph } from './state.js'

/** Types of tensors that tfjs and ONNX share. */
export type DType = 'float32' | 'int32' | 'bool'

/** Shape and type of an output. */
export interface Shaped {
  readonly shape: readonly number[]
  /** default float32 */
  readonly dtype?: DType
}

/** An ONNX operator: the name of a standard one, or one of a domain of its own. */
export type Operator = string | { readonly name: string; readonly domain: string }

/** An operator that only onnxruntime has, `microsoft('QuickGelu')`: before using one ask `isPortable()`. */
export function microsoft(name: string): Operator {
  return { name, domain: 'com.microsoft' }
}

type Decomposition = (inputs: readonly Ref[], out: Shaped, attributes: Attributes) => tf.TensorInfo

/** What operators of com.microsoft become in a model for any runtime; `portable.ts` fills it. */
export const decompositions = new Map<string, Decomposition>()

/** The graph's name of what a node reads. Tensors of other backends (made outside the program) become constants. */
export function nameOf(graph: Graph, ref: Ref): string {
  if (ref === undefined) return ''
  if (typeof ref === 'string') return ref
  const known = graph.nameOf(ref.dataId)
  if (known !== undefined) return known
  const owner = tf.engine().state.tensorInfo.get(ref.dataId)
  if (!owner) {
    throw new TraceMisuse('expected a tensor that lives', 'got one that was disposed', 'keep it until the trace ends')
  }
  const values = owner.backend.readSync(ref.dataId)
  const name = constantName(values as Float32Array, ref.shape, ref.dtype as DType)
  graph.bind(ref.dataId, name)
  return name
}

/** Records a node and gives the names of its outputs: for values that tfjs has no type for, such as int64 indices. */
export function rawNode(
  operator: Operator,
  inputs: readonly Ref[],
  attributes: Attributes = {},
  outputs = 1,
): string[] {
  const graph = currentGraph()
  const { name: op, domain } = typeof operator === 'string' ? { name: operator, domain: '' } : operator
  const names = Array.from({ length: outputs }, () => graph.freshName('v'))
  graph.addNode({ op, inputs: inputs.map(input => nameOf(graph, input)), outputs: names, attributes, domain })
  return names
}

/** Records a node of one output. What most kernels are made of. */
export function node(
  operator: Operator,
  inputs: readonly Ref[],
  out: Shaped,
  attributes: Attributes = {},
): tf.TensorInfo {
  const graph = currentGraph()
  if (graph.portable && typeof operator !== 'string') {
    const standard = decompositions.get(operator.name)
    if (!standard) throw new NotPortable(operator.name)
    return standard(inputs, out, attributes)
  }
  const [name] = rawNode(operator, inputs, attributes)
  return graph.tensorFor(name, out.shape, out.dtype ?? 'float32')
}

/** A traced tensor for a named value. */
export function tensorOf(name: string, out: Shaped): tf.TensorInfo {
  return currentGraph().tensorFor(name, out.shape, out.dtype ?? 'float32')
}

/** int64 constant `[values.length]`: shapes, axes, starts and ends. */
export function ints(values: readonly number[]): string {
  return currentGraph().addInitializer('int64', [values.length], bytesOf(BigInt64Array.from(values.map(BigInt))))
}

export function int(value: number): string {
  return currentGraph().addInitializer('int64', [], bytesOf(BigInt64Array.of(BigInt(value))))
}

/** float32 (or int32, bool) scalar constant. */
export function scalar(value: number, dtype: DType = 'float32'): string {
  return constantName(typedArray([value], dtype), [], dtype)
}

/**
 * Name of a constant. Large ones of a single value become `ConstantOfShape`, so that zeros that tfjs writes out (for
 * outputs without gradient) do not end up as megabytes in the model.
 */
export function constantName(values: ArrayLike<number>, shape: readonly number[], dtype: DType): string {
  const graph = currentGraph()
  const typed = typedArray(values, dtype)
  if (typed.length > 64 && isUniform(typed)) {
    return filledName(typed[0], shape, dtype)
  }
  const name = graph.addInitializer(dtype, shape, bytesOf(typed))
  if (typed.length > 0 && isUniform(typed)) graph.fills.set(name, typed[0])
  return name
}

/** Whether a tensor is known to be this number everywhere. */
export function isFilledWith(x: tf.TensorInfo, value: number): boolean {
  const graph = currentGraph()
  return graph.fills.get(nameOf(graph, x)) === value
}

/** One value everywhere, made when the graph runs. */
export function filledName(value: number, shape: readonly number[], dtype: DType): string {
  const element = { name: '', dtype: dtype as ElementType, shape: [1], bytes: bytesOf(typedArray([value], dtype)) }
  return currentGraph().memo(`fill:${dtype}:${value}:${shape.join()}`, () => {
    const [name] = rawNode('ConstantOfShape', [ints(shape)], { value: { tensor: element } })
    currentGraph().fills.set(name, value)
    return name
  })
}

function typedArray(values: ArrayLike<number>, dtype: DType): Float32Array | Int32Array | Uint8Array {
  if (dtype === 'int32') return values instanceof Int32Array ? values : Int32Array.from(values)
  if (dtype === 'bool') return values instanceof Uint8Array ? values : Uint8Array.from(values, v => (v ? 1 : 0))
  return values instanceof Float32Array ? values : Float32Array.from(values)
}

function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
}

function isUniform(values: ArrayLike<number>): boolean {
  for (let i = 1; i < values.length; i++) if (!Object.is(values[i], values[0])) return false
  return true
}
