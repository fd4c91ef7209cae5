import * as tf from '@tensorflow/tfjs'
import { type ArrayValue, type Tree, UsageError } from '../core/index.js'
import { writeAtomic } from '../io/atomic.js'
import { encodeModel } from './onnx/model.js'
import { renameValues } from './onnx/rename.js'
import type { DType } from './trace/emit.js'
import { isSpec, type Program, type Spec, trace } from './trace/trace.js'
import { isArrayValue, mapTree, pathsOf } from './tree.js'

export interface ExportOptions {
  /**
   * Names of inputs and outputs in the file, one a tensor, in the order of the trees. Default: the path in the tree
   * (`input.positions`), or `input0`, `output0` where a tree is a single tensor.
   */
  readonly names?: { readonly inputs?: readonly string[]; readonly outputs?: readonly string[] }
  readonly name?: string
  /** Free text that travels with the file: units, the training run. */
  readonly metadata?: Readonly<Record<string, string>>
}

/**
 * Writes a program as an `.onnx` file of standard operators (opset 18) alone, so that any runtime loads it: Python,
 * C++, the browser. Parameters that the program makes by `tensorsFrom` are stored in the file. Shapes are static.
 *
 * ```ts
 * const program = (x: Tensor) => network.apply(tensorsFrom(params), { positions: x })
 * await exportOnnx(program, [{ shape: [1, 100, 3] }], 'network.onnx', { names: { inputs: ['x'], outputs: ['y'] } })
 * ```
 *
 * @throws {NotPortable} where a hand-written operation emits an operator that only onnxruntime has
 */
export async function exportOnnx(
  program: Program,
  specs: readonly Tree<Spec>[],
  path: string,
  options: ExportOptions = {},
): Promise<void> {
  writeAtomic(path, [await exportedBytes(program, specs, options)])
}

/** The bytes that `exportOnnx` writes: `exportedBytes((x: Tensor) => x.square(), [{ shape: [2] }])`. */
export async function exportedBytes(
  program: Program,
  specs: readonly Tree<Spec>[],
  { names = {}, name = 'stipple', metadata = {} }: ExportOptions = {},
): Promise<Uint8Array> {
  const traced = await trace(program, specs, { portable: true })
  const inputs = specs.flatMap((tree, i) => pathsOf(tree, isSpec).map(path => path || `input${i}`))
  const outputs = pathsOf(traced.outputTree, isIndex).map((path, i) => path || `output${i}`)
  const renames = new Map([
    ...renamesOf('inputs', traced.inputs, names.inputs ?? unique(inputs)),
    ...renamesOf('outputs', traced.outputs, names.outputs ?? unique(outputs)),
  ])
  if (new Set(renames.values()).size !== renames.size) {
    throw new UsageError(
      'expected different names for all inputs and outputs',
      `got ${[...renames.values()]}`,
      'rename some',
    )
  }
  return encodeModel({
    ...renameValues({ ...traced, name }, renames),
    initializers: traced.initializers,
    name,
    metadata,
  })
}

const isIndex = (tree: unknown): tree is number => typeof tree === 'number'

function renamesOf(what: string, values: readonly { name: string }[], names: readonly string[]): [string, string][] {
  if (names.length !== values.length) {
    throw new UsageError(`expected ${values.length} names of ${what}`, `got ${names.length}`, 'give one a tensor')
  }
  return values.map((value, i) => [value.name, names[i]])
}

/** Two programs' inputs may have the same path: later ones get a number. */
function unique(names: readonly string[]): string[] {
  return names.map((name, i) => (names.indexOf(name) === i ? name : `${name}.${i}`))
}

/**
 * Flat values as tensors, inside a program (constants of the graph) or eagerly.
 *
 * ```ts
 * const { w } = tensorsFrom({ w: { shape: [2], values: Float32Array.of(1, 2) } }) as { w: Tensor }
 * ```
 */
export function tensorsFrom(values: Tree<ArrayValue>): Tree<tf.Tensor> {
  return mapTree(values, isArrayValue, ({ shape, values }) => tf.tensor(values, [...shape], dtypeOf(values)))
}

function dtypeOf(values: ArrayValue['values']): DType {
  if (values instanceof Float32Array) return 'float32'
  return values instanceof Int32Array ? 'int32' : 'bool'
}
