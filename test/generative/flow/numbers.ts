import * as tf from '@tensorflow/tfjs'
import { type ArrayValue, type Key, normal, type Tree, uniform } from '../../../core/index.js'
import { isArrayValue, mapTree } from '../../../engine/index.js'
import { type Case, inBox } from './dictionary.js'

/** Parameters moved away from their start, where every flow is the identity. */
export function awake(tree: Tree<ArrayValue>, key: Key, by = 0.3): Tree<ArrayValue> {
  let next = 0
  return mapTree(tree, isArrayValue, ({ shape, values }) => {
    const moved = normal(key.split(next++), shape)
    return { shape, values: Float32Array.from(values, (v, i) => v + by * moved[i]) }
  })
}

export function tensors(tree: Tree<ArrayValue>): Tree<tf.Tensor> {
  return mapTree(tree, isArrayValue, ({ shape, values }) => tf.tensor(values, [...shape]))
}

/** Points at which a bijection is asked, and conditions. */
export function points(
  { make, spread = 1, inside }: Case,
  key: Key,
  batch = 5,
): { x: number[][]; condition: number[][] } {
  const rows = (values: Float32Array, columns: number): number[][] =>
    Array.from({ length: batch }, (_, i) => Array.from(values.subarray(i * columns, (i + 1) * columns)))
  const condition = rows(normal(key.split('condition'), [batch, make.conditions]), make.conditions)
  if (inside) {
    const [low, high] = inside
    const shares = rows(uniform(key.split('x'), [batch, make.dim]), make.dim)
    return { x: shares.map(u => inBox(u.map(v => low + (high - low) * v)).map(Math.fround)), condition }
  }
  const x = rows(normal(key.split('x'), [batch, make.dim]), make.dim)
  return { x: x.map(row => row.map(v => Math.fround(v * spread))), condition }
}

/** The largest difference, as a share of the number itself where that is above one. */
export function apart(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY
  const differences = a.map((v, i) => Math.abs(v - b[i]) / Math.max(1, Math.abs(v)))
  return differences.every(d => Number.isFinite(d)) ? Math.max(0, ...differences) : Number.POSITIVE_INFINITY
}

/** log |det| by elimination with pivots. */
export function logDeterminant(matrix: readonly (readonly number[])[]): number {
  const rows = matrix.map(row => [...row])
  let logDet = 0
  for (let k = 0; k < rows.length; k++) {
    const pivot = rows.reduce((best, row, i) => (i >= k && Math.abs(row[k]) > Math.abs(rows[best][k]) ? i : best), k)
    const held = rows[k]
    rows[k] = rows[pivot]
    rows[pivot] = held
    logDet += Math.log(Math.abs(rows[k][k]))
    for (let i = k + 1; i < rows.length; i++) {
      const factor = rows[i][k] / rows[k][k]
      rows[i] = rows[i].map((v, j) => v - factor * rows[k][j])
    }
  }
  return logDet
}
