import { Tensor as OrtTensor } from 'onnxruntime-node'
import type { ArrayValue, Tree } from '../core/index.js'
import { InputMismatch } from './errors.js'
import { encodeModel } from './onnx/model.js'
import { isSpec, type Program, type Spec, type Traced, type TraceOptions, trace } from './trace/trace.js'
import { isArrayValue, leavesOf, mapTree, pathsOf } from './tree.js'

export type { OrtTensor }
/** What a compiled program takes: an onnxruntime tensor, kept as it is, or flat values with their shape. */
export type Value = OrtTensor | ArrayValue

/**
 * A traced program as the bytes of an ONNX model, and the way from trees to its inputs and from its outputs to a tree.
 */
export interface Model {
  readonly bytes: Uint8Array
  readonly nodes: number
  /** Checked inputs by their names in the model. */
  feeds(inputs: readonly Tree<Value>[]): Record<string, OrtTensor>
  /** Names of the outputs in the model, in the form that the program returned. */
  readonly outputNames: Tree<string>
  /** Outputs in the form that the program returned. */
  results<T>(outputs: Readonly<Record<string, T>>): Tree<T>
}

export const isOrt = (tree: unknown): tree is OrtTensor => tree instanceof OrtTensor
export const isValue = (tree: unknown): tree is Value =>
  isOrt(tree) || (typeof tree === 'object' && tree !== null && ArrayBuffer.isView((tree as ArrayValue).values))
const isIndex = (tree: unknown): tree is number => typeof tree === 'number'

export async function buildModel(
  program: Program,
  specs: readonly Tree<Spec>[],
  options: TraceOptions & { readonly name?: string } = {},
): Promise<Model> {
  const traced = await trace(program, specs, options)
  const bytes = encodeModel({ ...traced, name: options.name ?? 'program' })
  const paths = specs.flatMap((tree, i) => pathsOf(tree, isSpec).map(path => (path === '' ? `${i}` : `${i}.${path}`)))
  return {
    bytes,
    nodes: traced.nodes.length,
    feeds: inputs => feedsOf(traced, inputs, paths),
    outputNames: mapTree(traced.outputTree, isIndex, i => traced.outputs[i].name),
    results: outputs => mapTree(traced.outputTree, isIndex, i => outputs[traced.outputs[i].name]),
  }
}

function feedsOf(traced: Traced, inputs: readonly Tree<Value>[], paths: readonly string[]): Record<string, OrtTensor> {
  const feeds: Record<string, OrtTensor> = {}
  if (inputs.length !== traced.inputTrees.length) {
    throw new InputMismatch('list', `${traced.inputTrees.length} inputs`, `${inputs.length}`)
  }
  /** Walks both trees by the compiled form, so that the order of a record's keys does not matter. */
  const bind = (form: Tree<number>, tree: Tree<Value>): void => {
    if (isIndex(form)) {
      const info = traced.inputs[form]
      if (!isValue(tree)) throw new InputMismatch(paths[form], 'a tensor', typeof tree)
      feeds[info.name] = checked(tree, info, paths[form])
      return
    }
    for (const [key, child] of Object.entries(form as Record<string, Tree<number>>)) {
      const given = isValue(tree) ? undefined : (tree as Record<string, Tree<Value>>)[key]
      if (given === undefined) throw new InputMismatch(paths[leavesOf(child, isIndex)[0]], 'a tensor', 'nothing')
      bind(child, given)
    }
  }
  for (const [i, tree] of inputs.entries()) bind(traced.inputTrees[i], tree)
  return feeds
}

function checked(value: Value, info: Traced['inputs'][number], path: string): OrtTensor {
  const shape = isOrt(value) ? value.dims : value.shape
  if (shape.length !== info.shape.length || shape.some((length, i) => length !== info.shape[i])) {
    throw new InputMismatch(path, `shape [${info.shape.join(', ')}]`, `[${shape.join(', ')}]`)
  }
  if (isOrt(value)) {
    if (value.type !== info.dtype) throw new InputMismatch(path, info.dtype, value.type)
    return value
  }
  return toOrt(value, info.dtype as ValueType, path)
}

const dtypes = { Float32Array: 'float32', Int32Array: 'int32', Uint8Array: 'bool' } as const
type ValueType = (typeof dtypes)[keyof typeof dtypes]

/**
 * The shape and the type of values, as a program is compiled for them.
 *
 * ```ts
 * specOf({ shape: [2], values: Int32Array.of(3, 4) }) // { shape: [2], dtype: 'int32' }
 * mapTree(params, isArrayValue, specOf)               // of a whole tree
 * ```
 */
export function specOf(value: Value): Spec & { readonly dtype: ValueType } {
  if (isOrt(value)) return { shape: [...value.dims], dtype: value.type as ValueType }
  return { shape: [...value.shape], dtype: dtypes[value.values.constructor.name as keyof typeof dtypes] }
}

/**
 * Flat values as an onnxruntime tensor over the same memory: `toOrt({ shape: [2], values: Float32Array.of(3, 4) })`.
 *
 * @param dtype what the tensor must be; default the type of the values (`Uint8Array` is bool)
 * @param path  names the input in an error
 * @throws {InputMismatch} where the values are of another type
 */
export function toOrt(value: ArrayValue, dtype: ValueType = specOf(value).dtype, path = ''): OrtTensor {
  const expected = { float32: Float32Array, int32: Int32Array, bool: Uint8Array }[dtype]
  if (expected === undefined || !(value.values instanceof expected)) {
    throw new InputMismatch(path, expected?.name ?? Object.keys(dtypes).join(' or '), value.values.constructor.name)
  }
  return new OrtTensor(dtype, value.values as Float32Array, value.shape)
}

/** Trees that `toOrtTree` made, whose form cannot change any more, with the text of their shapes and types. */
const heldShapes = new WeakMap<object, string>()

/** Whether `toOrtTree` made the tree: its leaves are tensors and its form is fixed. */
export function isHeld(tree: unknown): boolean {
  return typeof tree === 'object' && tree !== null && heldShapes.has(tree)
}

/** The shapes and types of a tree as text, equal for trees that one compiled program can take. */
export function shapesText(tree: Tree<Value | Spec>): string {
  return (typeof tree === 'object' ? heldShapes.get(tree) : undefined) ?? JSON.stringify(specsOf(tree))
}

/** The specs of a tree of values; those that are there already stay. */
export function specsOf(tree: Tree<Value | Spec>): Tree<Spec> {
  return mapTree(tree, isValueOrSpec, leaf => (isValue(leaf) ? specOf(leaf) : leaf))
}

const isValueOrSpec = (node: unknown): node is Value | Spec => isValue(node) || isSpec(node)

function freeze(tree: Tree<OrtTensor>): void {
  if (isOrt(tree)) return
  for (const child of Object.values(tree as Record<string, Tree<OrtTensor>>)) freeze(child)
  Object.freeze(tree)
}

/**
 * The tensors of a tree over the same memory, to be passed to a compiled program again and again: parameters of a
 * network. Whoever writes to the memory changes the tensors; the tree itself is frozen.
 *
 * ```ts
 * const held = toOrtTree(params)
 * for (const x of batches) await evaluator.run(held, x)
 * ```
 */
export function toOrtTree(tree: Tree<ArrayValue>): Tree<OrtTensor> {
  const held = mapTree(tree, isArrayValue, value => toOrt(value))
  if (isOrt(held)) return held
  freeze(held)
  heldShapes.set(held, JSON.stringify(specsOf(held)))
  return held
}

/** A result as shape and numbers, without a copy where onnxruntime holds them in memory. */
export function toArray(tensor: OrtTensor): ArrayValue {
  return { shape: tensor.dims, values: tensor.data as Float32Array }
}
