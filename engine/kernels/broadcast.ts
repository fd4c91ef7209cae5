import type * as tf from '@tensorflow/tfjs'
import { type DType, ints, nameOf, node, scalar, tensorOf } from '../trace/emit.js'
import { currentGraph } from '../trace/state.js'
import { broadcastShape, sizeOf } from './shape.js'

/**
 * Broadcasts put off. Gradients of sums and means are one value repeated; an elementwise operator reads the value
 * before it was repeated, since it broadcasts by itself, and the repeated array is only made where something else
 * needs it (what nobody needs is pruned).
 */

/** `x` repeated along axes of length 1, or itself. */
export function expand(x: tf.TensorInfo, shape: readonly number[]): tf.TensorInfo {
  if (isShape(x.shape, shape)) return x
  const graph = currentGraph()
  const expanded = node('Expand', [x, ints(shape)], { shape, dtype: x.dtype as DType })
  graph.expansions.set(nameOf(graph, expanded), beforeExpansion(x))
  return expanded
}

/** What `x` was before it was repeated: a smaller tensor, a single number, or itself. */
export function beforeExpansion(x: tf.TensorInfo): tf.TensorInfo {
  const graph = currentGraph()
  const name = nameOf(graph, x)
  const fill = graph.fills.get(name)
  const dtype = x.dtype as DType
  if (fill !== undefined && sizeOf(x.shape) > 1) return tensorOf(scalar(fill, dtype), { shape: [], dtype })
  const source = graph.expansions.get(name)
  return source && runLength(source.shape, x.shape) >= shortestRun && graph.sees(nameOf(graph, source)) ? source : x
}

/** onnxruntime broadcasts run by run; over runs of a few entries it is faster to make the array first. */
const shortestRun = 16

/** How many entries lie side by side that are all repeated, or all not. */
function runLength(source: readonly number[], shape: readonly number[]): number {
  const last = shape.length - 1
  const isRepeated = (axis: number): boolean => (source[axis - shape.length + source.length] ?? 1) !== shape[axis]
  let run = 1
  for (let axis = last; axis >= 0 && isRepeated(axis) === isRepeated(last); axis--) run *= shape[axis]
  return run
}

/** One operator of two tensors, on as few entries as hold all that differ. */
export function elementwise(op: string, a: tf.TensorInfo, b: tf.TensorInfo, dtype: DType): tf.TensorInfo {
  const first = beforeExpansion(a)
  const second = beforeExpansion(b)
  const shape = broadcastShape(first.shape, second.shape)
  return expand(node(op, [first, second], { shape, dtype }), broadcastShape(a.shape, b.shape))
}

/** One operator of one tensor, likewise. */
export function entrywise(op: string, x: tf.TensorInfo, dtype: DType): tf.TensorInfo {
  const source = beforeExpansion(x)
  return expand(node(op, [source], { shape: source.shape, dtype }), x.shape)
}

function isShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((length, i) => length === b[i])
}
