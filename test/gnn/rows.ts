import { makeKey, normal, uniform } from '../../core/index.js'

/** A signed permutation of the axes: a quarter turn or a reflection. */
export interface Turn {
  readonly axes: readonly number[]
  readonly signs: readonly number[]
}

const orders = [
  [0, 1, 2],
  [1, 0, 2],
  [1, 2, 0],
  [2, 1, 0],
]
const reflections = [
  [1, 1, 1],
  [-1, 1, 1],
  [-1, -1, 1],
  [-1, -1, -1],
]

/** The identity, and of the signed permutations others of each kind. */
export const turns: readonly Turn[] = orders.flatMap(axes => reflections.map(signs => ({ axes, signs })))

/** Vectors `[points, 3, columns]` turned; positions are those of one column. */
export function turned<T extends Float32Array | Float64Array>(vectors: T, { axes, signs }: Turn, columns = 1): T {
  return vectors.map((_, at) => {
    const row = Math.floor(at / columns)
    const axis = row % 3
    return signs[axis] * vectors[(row - axis + axes[axis]) * columns + (at % columns)]
  }) as T
}

/** Rows of `width` numbers in another order: row i is that of point `order[i]`. */
export function reordered<T extends Float32Array | Float64Array>(
  values: T,
  order: ArrayLike<number>,
  width: number,
): T {
  return values.map((_, at) => values[order[Math.floor(at / width)] * width + (at % width)]) as T
}

/** Clustered points in 0 to `span`, shifted by `offset`: every second one lies by the one before it. */
export function clusteredCloud(seed: number, points: number, shape: { span: number; offset: number; spread: number }) {
  const key = makeKey(seed)
  const centres = uniform(key.split('centres'), points * 3)
  const spread = normal(key.split('spread'), points * 3)
  return centres.map((u, i) =>
    i % 6 < 3 ? u * shape.span + shape.offset : centres[i - 3] * shape.span + shape.offset + shape.spread * spread[i],
  )
}

export function largest(values: ArrayLike<number>): number {
  return Array.from(values).reduce((most, v) => Math.max(most, Math.abs(v)), 0)
}

/** The largest difference, as a share of the largest entry of the second. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const apart = largest(Array.from(a, (v, i) => v - b[i]))
  return apart === 0 ? 0 : apart / largest(b)
}
