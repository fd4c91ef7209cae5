import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import type { ArrayValue, Tree } from '../../core/index.js'
import { isArrayValue, leavesOf, mapTree, pathsOf, withLeaves } from '../tree.js'

/** Where each parameter of a tree lies in one flat vector. One vector makes an optimiser a handful of nodes. */
export interface FlatLayout {
  /** of the vector; large ones end in zeros, up to a multiple of `partSize` */
  readonly size: number
  /** `layers.0.weight` and its shape, in the order of the vector */
  readonly leaves: readonly { readonly path: string; readonly shape: readonly number[]; readonly size: number }[]
  /** the tree, with indices into `leaves` */
  readonly form: Tree<number>
}

/** Entries that an optimiser takes at once: few enough that all its vectors stay in the processor's cache. */
export const partSize = 16_384

/** Parts of a vector for `mapChunks`: one where it is small. */
export function partsOf(layout: FlatLayout): number {
  return layout.size > 0 && layout.size % partSize === 0 ? layout.size / partSize : 1
}

const isIndex = (node: unknown): node is number => typeof node === 'number'

/**
 * The layout of a tree of parameters, in the order of its leaves.
 *
 * ```ts
 * const layout = layoutOf(network.init(key))
 * const flat = flattenValues(params, layout)   // [layout.size]
 * const tree = unflattenValues(flat, layout)   // params again
 * ```
 */
export function layoutOf(params: Tree<ArrayValue>): FlatLayout {
  const paths = pathsOf(params, isArrayValue)
  const leaves = leavesOf(params, isArrayValue).map(({ shape, values }, i) => ({
    path: paths[i],
    shape,
    size: values.length,
  }))
  let next = 0
  const form = mapTree(params, isArrayValue, () => next++)
  const held = leaves.reduce((sum, leaf) => sum + leaf.size, 0)
  const size = held > 4 * partSize ? Math.ceil(held / partSize) * partSize : held
  return { size, leaves, form }
}

/** The values of a tree as one vector. */
export function flattenValues(params: Tree<ArrayValue>, layout: FlatLayout): Float32Array {
  const flat = new Float32Array(layout.size)
  let at = 0
  for (const { values } of leavesOf(params, isArrayValue)) {
    flat.set(values, at)
    at += values.length
  }
  return flat
}

/** The vector as a tree of values; they share its memory. */
export function unflattenValues(flat: Float32Array, layout: FlatLayout): Tree<ArrayValue> {
  let at = 0
  const values = layout.leaves.map(({ shape, size }) => {
    const leaf = { shape, values: flat.subarray(at, at + size) }
    at += size
    return leaf
  })
  return withLeaves(layout.form, isIndex, values)
}

/** The vector as a tree of tensors, within a program; differentiable. */
export function unflatten(flat: Tensor, layout: FlatLayout): Tree<Tensor> {
  const sizes = layout.leaves.map(leaf => leaf.size)
  const rest = layout.size - sizes.reduce((sum, size) => sum + size, 0)
  if (rest > 0) sizes.push(rest)
  const parts = (sizes.length === 1 ? [flat] : tf.split(flat, sizes, 0)).slice(0, layout.leaves.length)
  return withLeaves(
    layout.form,
    isIndex,
    parts.map((part, i) => part.reshape([...layout.leaves[i].shape])),
  )
}
