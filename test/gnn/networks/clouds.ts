import * as tf from '@tensorflow/tfjs'
import {
  type ArrayValue,
  type Box,
  type CloudInput,
  type Key,
  makeKey,
  minimumImage,
  normal,
  permutation,
  type Tree,
  uniform,
} from '../../../core/index.js'
import { feedsOf } from '../../../gnn/layers/index.js'

/** A batch of clouds outside any tensor library, before neighbours are found. */
export interface Clouds {
  readonly batch: number
  readonly points: number
  readonly dim: number
  readonly k: number
  readonly box: Box
  readonly positions: number[][][]
  /** the first `dim` channels a velocity, one scalar after it */
  readonly features: number[][][]
  readonly condition: number[][]
  /** real points of each cloud; the rest is padding, whose values must not matter */
  readonly real: number[]
}

/**
 * Random clouds in a periodic box of length 2, with padding, a velocity and a scalar at every point, and a condition of
 * 3.
 */
export function randomClouds(key: Key, { batch = 2, points = 7, dim = 3, k = 3, padding = 2 } = {}): Clouds {
  const grid = (name: string, draw: typeof normal, rows: number, columns: number, scale: number) => {
    const values = draw(key.split(name), [batch, rows, columns])
    return Array.from({ length: batch }, (_, b) =>
      Array.from({ length: rows }, (_, i) =>
        Array.from({ length: columns }, (_, c) => values[(b * rows + i) * columns + c] * scale),
      ),
    )
  }
  const box = Array.from({ length: dim }, () => 2)
  return {
    batch,
    points,
    dim,
    k,
    box,
    positions: grid('positions', uniform, points, dim, 2),
    features: grid('features', normal, points, dim + 1, 1),
    condition: grid('condition', normal, 1, 3, 1).map(rows => rows[0]),
    real: Array.from({ length: batch }, (_, b) => points - (b % 2) * padding),
  }
}

/** The clouds as a network sees them. Neighbours by sorting all separations, among real points only. */
export function inputOf(clouds: Clouds): CloudInput {
  const { batch, points, dim, k, box } = clouds
  const senders = new Int32Array(batch * points * k)
  const displacements = new Float32Array(batch * points * k * dim)
  for (let b = 0; b < batch; b++) {
    for (let i = 0; i < points; i++) {
      const found = []
      for (let j = 0; j < clouds.real[b]; j++) {
        if (j === i) continue
        const d = clouds.positions[b][j].map((x, axis) => minimumImage(x - clouds.positions[b][i][axis], box[axis]))
        found.push({ j, d, r: Math.hypot(...d) })
      }
      found.sort((p, q) => p.r - q.r)
      for (let slot = 0; slot < k; slot++) {
        const edge = (b * points + i) * k + slot
        senders[edge] = found[slot].j
        displacements.set(found[slot].d, edge * dim)
      }
    }
  }
  const perCloud = Array.from({ length: batch }, (_, b) => senders.subarray(b * points * k, (b + 1) * points * k))
  const width = Math.max(...perCloud.map(s => feedsOf(s, points).width))
  const feeds = perCloud.map(s => [...feedsOf(s, points, width).edges])
  return {
    positions: tf.tensor3d(clouds.positions),
    features: tf.tensor3d(clouds.features),
    mask: tf.tensor2d(clouds.real.map(n => Array.from({ length: points }, (_, i) => (i < n ? 1 : 0)))),
    condition: tf.tensor2d(clouds.condition),
    senders: tf.tensor3d(senders, [batch, points, k], 'int32'),
    displacements: tf.tensor4d(displacements, [batch, points, k, dim]),
    feeds: tf.tensor3d(feeds.flat(), [batch, points, width], 'int32'),
  }
}

/**
 * Another order of the real points of every cloud, the same in all; returns the order too: new point i was old point
 * order[i].
 */
export function permuted(clouds: Clouds, key: Key): { clouds: Clouds; order: number[] } {
  const n = Math.min(...clouds.real)
  const front = permutation(key, n)
  const order = Array.from({ length: clouds.points }, (_, i) => (i < n ? front[i] : i))
  const reorder = (rows: number[][]) => order.map(i => rows[i])
  return {
    clouds: { ...clouds, positions: clouds.positions.map(reorder), features: clouds.features.map(reorder) },
    order,
  }
}

/** Every position and every leading vector of the features mapped by an orthogonal matrix, in an open box. */
export function turned(clouds: Clouds, matrix: number[][]): Clouds {
  const turn = (v: number[]) => matrix.map(row => row.reduce((sum, m, a) => sum + m * v[a], 0))
  return {
    ...clouds,
    positions: clouds.positions.map(rows => rows.map(turn)),
    features: clouds.features.map(rows => rows.map(f => [...turn(f.slice(0, clouds.dim)), ...f.slice(clouds.dim)])),
  }
}

/** A random orthogonal matrix by Gram and Schmidt; half of them are reflections. */
export function orthogonal(key: Key, dim: number): number[][] {
  const values = normal(key, [dim, dim])
  const rows: number[][] = []
  for (let i = 0; i < dim; i++) {
    let row = Array.from(values.subarray(i * dim, (i + 1) * dim))
    for (const other of rows) {
      const along = row.reduce((sum, x, a) => sum + x * other[a], 0)
      row = row.map((x, a) => x - along * other[a])
    }
    const length = Math.hypot(...row)
    rows.push(row.map(x => x / length))
  }
  return rows
}

/** A tree with every leaf mapped, each with a key of its own. */
function mapTree<A, B>(tree: Tree<A>, isLeaf: (t: Tree<A>) => t is A, leaf: (a: A, key: Key) => B, key: Key): Tree<B> {
  if (isLeaf(tree)) return leaf(tree, key)
  if (Array.isArray(tree)) return tree.map((child: Tree<A>, i) => mapTree(child, isLeaf, leaf, key.split(i)))
  const entries = Object.entries(tree as { [name: string]: Tree<A> })
  return Object.fromEntries(entries.map(([name, child]) => [name, mapTree(child, isLeaf, leaf, key.split(name))]))
}

const isArray = (tree: Tree<ArrayValue>): tree is ArrayValue => 'values' in tree && ArrayBuffer.isView(tree.values)
const isTensor = (tree: Tree<tf.Tensor>): tree is tf.Tensor => tree instanceof tf.Tensor

/** Parameters as begun. */
export function begun(tree: Tree<ArrayValue>): Tree<tf.Tensor> {
  return mapTree(tree, isArray, a => tf.tensor(a.values, [...a.shape]), makeKey(0))
}

/** Parameters moved away from their start, where outputs and conditions are silent. */
export function awake(tree: Tree<ArrayValue>, key: Key): Tree<tf.Tensor> {
  const leaf = (a: ArrayValue, key: Key) =>
    tf.add(tf.tensor(a.values, [...a.shape]), tf.tensor(normal(key, a.shape), [...a.shape]).mul(0.2))
  return mapTree(tree, isArray, leaf, key)
}

/** Leaves of a parameter tree in a fixed order, and the tree made of other leaves. */
export function leavesOf(tree: Tree<tf.Tensor>): tf.Tensor[] {
  const leaves: tf.Tensor[] = []
  mapTree(tree, isTensor, leaf => leaves.push(leaf), makeKey(0))
  return leaves
}

export function withLeaves(tree: Tree<tf.Tensor>, leaves: readonly tf.Tensor[]): Tree<tf.Tensor> {
  let next = 0
  return mapTree(tree, isTensor, () => leaves[next++], makeKey(0))
}

/** The largest difference, as a share of the largest entry. */
export function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 1e-30
  let apart = 0
  for (let i = 0; i < a.length; i++) {
    largest = Math.max(largest, Math.abs(a[i]))
    const d = Math.abs(a[i] - b[i])
    if (!(d <= apart)) apart = d
  }
  return a.length === b.length ? apart / largest : Number.POSITIVE_INFINITY
}
