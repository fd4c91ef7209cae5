import type { Tensor } from '@tensorflow/tfjs'
import type { ArrayValue, Tree } from '../core/index.js'

/**
 * The type of a tree of tensors with `Leaf` for each tensor; keys that may be absent stay so. `Tree<Tensor>` becomes
 * `Tree<Leaf>`, as does `never`, the parameter of a program of which nothing is known.
 */
export type LeavesAs<T, Leaf> = [T] extends [never]
  ? Tree<Leaf>
  : [Tree<Tensor>] extends [T]
    ? Tree<Leaf>
    : T extends Tensor
      ? Leaf
      : { [K in keyof T]: LeavesAs<T[K], Leaf> }

/** Whether a node is a leaf of a tree of flat values, `{ shape, values }`. */
export const isArrayValue = (node: unknown): node is ArrayValue =>
  typeof node === 'object' && node !== null && ArrayBuffer.isView((node as ArrayValue).values)

/** The leaves in a fixed order: arrays by index, records by their keys in the order of the first insertion. */
export function leavesOf<T>(tree: Tree<T>, isLeaf: (node: unknown) => node is T): T[] {
  if (isLeaf(tree)) return [tree]
  return Object.values(tree as Record<string, Tree<T>>).flatMap(child => leavesOf(child, isLeaf))
}

/** `a.b.0` for every leaf, in the order of `leavesOf`; the tree itself a leaf is ''. */
export function pathsOf<T>(tree: Tree<T>, isLeaf: (node: unknown) => node is T, at = ''): string[] {
  if (isLeaf(tree)) return [at]
  const children = Object.entries(tree as Record<string, Tree<T>>)
  return children.flatMap(([key, child]) => pathsOf(child, isLeaf, at === '' ? key : `${at}.${key}`))
}

/**
 * A tree of the same form with other leaves.
 *
 * ```ts
 * mapTree({ a: x, b: [y] }, isArrayValue, ({ shape }) => shape.length) // { a: 1, b: [2] }
 * ```
 */
export function mapTree<T, U>(tree: Tree<T>, isLeaf: (node: unknown) => node is T, map: (leaf: T) => U): Tree<U> {
  if (isLeaf(tree)) return map(tree)
  if (Array.isArray(tree)) return tree.map(child => mapTree(child as Tree<T>, isLeaf, map))
  const entries = Object.entries(tree as Record<string, Tree<T>>)
  return Object.fromEntries(entries.map(([key, child]) => [key, mapTree(child, isLeaf, map)]))
}

/** The form of `tree` filled with `leaves`, in the order of `leavesOf`. */
export function withLeaves<T, U>(tree: Tree<T>, isLeaf: (node: unknown) => node is T, leaves: readonly U[]): Tree<U> {
  let next = 0
  return mapTree(tree, isLeaf, () => leaves[next++])
}

/** The tree without the keys of records whose value is undefined: optional tensors that were not given. */
export function withoutAbsent<T>(tree: Tree<T>): Tree<T> {
  if (typeof tree !== 'object' || tree === null) return tree
  if (Array.isArray(tree)) return tree.map(child => withoutAbsent(child as Tree<T>))
  if (Object.getPrototypeOf(tree) !== Object.prototype || ArrayBuffer.isView((tree as { values?: unknown }).values))
    return tree
  const entries = Object.entries(tree as Record<string, Tree<T>>).filter(([, child]) => child !== undefined)
  return Object.fromEntries(entries.map(([key, child]) => [key, withoutAbsent(child)]))
}
