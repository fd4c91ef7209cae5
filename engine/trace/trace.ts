import * as tf from '@tensorflow/tfjs'
import type { Tree } from '../../core/index.js'
import '../gradients/index.js'
import '../kernels/index.js'
import { RandomWhileTracing, UnknownOperation } from '../errors.js'
import type { Initializer, OnnxNode, ValueInfo } from '../onnx/model.js'
import { leavesOf, mapTree } from '../tree.js'
import { randomOperation, traceBackend, wrap } from './backend.js'
import { type DType, nameOf } from './emit.js'
import { Graph } from './graph.js'
import { userLine, withLongStacks } from './line.js'
import './portable.js'
import { prune } from './prune.js'
import { currentGraph, withGraph } from './state.js'

/** Shape and type of one input of a program. */
export interface Spec {
  readonly shape: readonly number[]
  /** default float32 */
  readonly dtype?: DType
}

/** A pure function of trees of tensors, written with tfjs operations. */
export type Program = (...inputs: never[]) => Tree<tf.Tensor>

export interface TraceOptions {
  readonly portable?: boolean
  readonly singleThread?: boolean
}

export interface Traced {
  readonly nodes: readonly OnnxNode[]
  readonly initializers: readonly Initializer[]
  readonly inputs: readonly ValueInfo[]
  readonly outputs: readonly ValueInfo[]
  /** One tree of input indices a parameter of the program. */
  readonly inputTrees: readonly Tree<number>[]
  /** The program's result, with indices of outputs for tensors. */
  readonly outputTree: Tree<number>
}

export const isSpec = (tree: unknown): tree is Spec =>
  typeof tree === 'object' && tree !== null && Array.isArray((tree as Spec).shape)
export const isTensor = (tree: unknown): tree is tf.Tensor => tree instanceof tf.Tensor

/** Calls the program once on tensors without numbers and returns the ONNX graph of what it did. */
export async function trace(
  program: Program,
  specs: readonly Tree<Spec>[],
  { portable = false, singleThread = false }: TraceOptions = {},
): Promise<Traced> {
  await tf.ready()
  const engine = tf.engine()
  const backendBefore = tf.getBackend()
  const switched = [engine.setBackend(traceBackend)]
  try {
    return withGraph(new Graph(portable, singleThread), () =>
      withLongStacks(() => withoutRandom(() => record(program, specs))),
    )
  } catch (error) {
    throw unknownOperation(error) ?? error
  } finally {
    switched.push(engine.setBackend(backendBefore))
    await Promise.all(switched)
  }
}

function record(program: Program, specs: readonly Tree<Spec>[]): Traced {
  const graph = currentGraph()
  const inputs: ValueInfo[] = []
  const tensors: tf.Tensor[] = []
  const engine = tf.engine()
  engine.startScope('stipple-trace')
  try {
    const inputTrees = specs.map(tree =>
      mapTree(tree, isSpec, ({ shape, dtype = 'float32' }) => {
        const name = `in${inputs.length}`
        graph.scope.names.add(name)
        tensors.push(wrap(graph.tensorFor(name, shape, dtype)))
        return inputs.push({ name, dtype, shape }) - 1
      }),
    )
    const isIndex = (tree: unknown): tree is number => typeof tree === 'number'
    const args = inputTrees.map(tree => mapTree(tree, isIndex, i => tensors[i]))
    const result = program(...(args as never[]))
    const outputs: ValueInfo[] = []
    const taken = new Set<string>()
    const outputTree = mapTree(result, isTensor, tensor => {
      const name = ownName(graph, tensor, taken)
      return outputs.push({ name, dtype: tensor.dtype as DType, shape: tensor.shape }) - 1
    })
    const nodes = prune(
      graph.scope.nodes,
      outputs.map(output => output.name),
    )
    const read = namesRead(nodes)
    const initializers = [...graph.initializers.values()].filter(({ name }) => read.has(name))
    return { nodes, initializers, inputs, outputs, inputTrees, outputTree }
  } finally {
    engine.endScope()
  }
}

/** JavaScript's own generator, whose numbers a program would freeze as well: while tracing it throws. */
function withoutRandom<T>(run: () => T): T {
  const generator: { random: () => number } = Math
  const { random } = generator
  generator.random = () => {
    throw new RandomWhileTracing(randomOperation() ?? 'Math.random', userLine(new Error().stack))
  }
  try {
    return run()
  } finally {
    generator.random = random
  }
}

/** An output needs a name that no input, constant or other output has. */
function ownName(graph: Graph, tensor: tf.Tensor, taken: Set<string>): string {
  let name = nameOf(graph, tensor)
  if (taken.has(name) || graph.initializers.has(name) || name.startsWith('in')) {
    const copy = graph.freshName('v')
    graph.addNode({ op: 'Identity', inputs: [name], outputs: [copy], attributes: {}, domain: '' })
    name = copy
  }
  taken.add(name)
  return name
}

function namesRead(nodes: readonly OnnxNode[]): Set<string> {
  const read = new Set<string>()
  const visit = (list: readonly OnnxNode[]): void => {
    for (const node of list) {
      for (const input of node.inputs) read.add(input)
      for (const value of Object.values(node.attributes)) {
        if (typeof value !== 'object' || !('graph' in value)) continue
        visit(value.graph.nodes)
        for (const output of value.graph.outputs) read.add(output.name)
      }
    }
  }
  visit(nodes)
  return read
}

/** tfjs says it by a plain error with the kernel's name in the message. */
function unknownOperation(error: unknown): UnknownOperation | undefined {
  if (!(error instanceof Error)) return undefined
  const kernel = /Kernel '([^']+)' not registered for backend/.exec(error.message)?.[1]
  return kernel === undefined ? undefined : new UnknownOperation(kernel, userLine(error.stack), { cause: error })
}

/** Leaves of a tree of tensors. */
export const tensorsOf = (tree: Tree<tf.Tensor>): tf.Tensor[] => leavesOf(tree, isTensor)
