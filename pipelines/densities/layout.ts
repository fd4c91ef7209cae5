import { DataError, type Key, permutation } from '../../core/index.js'

/** The form of an observation, and how it lies in a row of numbers. */
export type ObservationLayout =
  | { readonly kind: 'vector'; readonly width: number; readonly names: readonly string[] }
  | {
      readonly kind: 'set'
      /** the most points that a row holds */
      readonly points: number
      readonly features: number
      /** of a graph, 0 without */
      readonly neighbours: number
      /** the first so many features are the place */
      readonly places: number
    }

/**
 * Numbers of a row. A set is its number of points, then `[points, features]` filled up with zeros, then `[points,
 * neighbours]` indices of senders: one flat row of numbers, so that every method and file takes a set like a vector.
 */
export function rowWidth(layout: ObservationLayout): number {
  return layout.kind === 'vector' ? layout.width : 1 + layout.points * (layout.features + layout.neighbours)
}

/** Finds the k nearest others of each point, `[points, k]`, each fewer where there are fewer points. */
export type Neighbours = (places: Float32Array, dim: number, k: number) => Int32Array

/**
 * A set of points as a row; of more than the layout has, as many are taken at random, in their order.
 *
 * @param values `[points, features]`
 */
export function setRow(
  layout: Extract<ObservationLayout, { kind: 'set' }>,
  values: ArrayLike<number>,
  key: Key,
  neighbours?: Neighbours,
): Float32Array {
  const { features, points } = layout
  const given = values.length / features
  if (!Number.isInteger(given))
    throw new DataError(`expected points of ${features} numbers`, `got ${values.length} numbers`, 'check the file')
  const taken =
    given <= points
      ? undefined
      : permutation(key.split('points'), given)
          .slice(0, points)
          .sort((a, b) => a - b)
  const count = taken?.length ?? given
  const row = new Float32Array(rowWidth(layout))
  row[0] = count
  for (let i = 0; i < count; i++) {
    const from = (taken?.[i] ?? i) * features
    for (let f = 0; f < features; f++) row[1 + i * features + f] = values[from + f]
  }
  if (layout.neighbours > 0 && neighbours && count > 1) {
    const { places } = layout
    const at = new Float32Array(count * places)
    for (let i = 0; i < count; i++) for (let d = 0; d < places; d++) at[i * places + d] = row[1 + i * features + d]
    const k = Math.min(layout.neighbours, count - 1)
    const found = neighbours(at, places, k)
    const first = 1 + points * features
    // Fewer others than k: the nearest stand again, so that a mean over senders has no gaps.
    for (let i = 0; i < count; i++)
      for (let j = 0; j < layout.neighbours; j++) row[first + i * layout.neighbours + j] = found[i * k + (j % k)]
  }
  return row
}
