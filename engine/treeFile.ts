import { type ArrayValue, DataError, type Tree } from '../core/index.js'
import { readSafetensors, writeSafetensors } from '../io/safetensors.js'
import { leavesOf, pathsOf, withLeaves } from './tree.js'

const isShaped = (tree: unknown): tree is { readonly shape: readonly number[] } =>
  typeof tree === 'object' && tree !== null && Array.isArray((tree as { shape?: unknown }).shape)

/**
 * Writes a tree of parameters as safetensors; a tensor's name is its path, `layers.0.weight`.
 *
 * ```ts
 * saveTree('flow.safetensors', trainer.params('ema'), { kind: 'maf' })
 * const { tree, metadata } = loadTree('flow.safetensors', flow.init(key))
 * ```
 */
export function saveTree(path: string, tree: Tree<ArrayValue>, metadata: Readonly<Record<string, string>> = {}): void {
  const names = pathsOf(tree, isShaped as (node: unknown) => node is ArrayValue)
  const leaves = leavesOf(tree, isShaped as (node: unknown) => node is ArrayValue)
  writeSafetensors(path, Object.fromEntries(names.map((name, i) => [name, leaves[i]])), metadata)
}

/**
 * Reads a tree that `saveTree` wrote.
 *
 * @param form a tree of the same form whose leaves have the expected shapes, for example `network.init(key)`
 * @throws {DataError} where a tensor is missing, left over or of another shape
 */
export function loadTree(
  path: string,
  form: Tree<{ readonly shape: readonly number[] }>,
): { tree: Tree<ArrayValue>; metadata: Readonly<Record<string, string>> } {
  const { tensors, metadata } = readSafetensors(path)
  const names = pathsOf(form, isShaped)
  const shapes = leavesOf(form, isShaped).map(leaf => leaf.shape)
  const leaves = names.map((name, i) => {
    const found = tensors[name]
    if (found === undefined || found.shape.join() !== shapes[i].join()) {
      const got = found === undefined ? 'none' : `[${found.shape.join(', ')}]`
      throw new DataError(
        `expected tensor ${name} of shape [${shapes[i].join(', ')}] in ${path}`,
        `got ${got}`,
        'load the file with the network it was saved from',
      )
    }
    return { shape: found.shape, values: found.values } as ArrayValue
  })
  const extra = Object.keys(tensors).filter(name => !names.includes(name))
  if (extra.length > 0) {
    throw new DataError(
      `expected ${names.length} tensors in ${path}`,
      `got also ${extra.slice(0, 3).join(', ')}`,
      'load the file with the network it was saved from',
    )
  }
  return { tree: withLeaves(form, isShaped, leaves), metadata }
}
