import { DataError, type Key, permutation, UsageError } from '../../core/index.js'
import { type SetForm, setRowWidth } from '../../generative/sbi/index.js'
import { knn } from '../../gnn/graph/index.js'

/** The form of an observation, and how it lies in a row of numbers. */
export type ObservationForm =
  | { readonly kind: 'vector'; readonly width: number; readonly names: readonly string[] }
  | ({ readonly kind: 'set' } & SetForm)

/** Numbers of a row. */
export function rowWidth(form: ObservationForm): number {
  return form.kind === 'vector' ? form.width : setRowWidth(form)
}

/**
 * An observation as a row. A set is laid out as `setReader` reads it; of more points than the form has, as many are
 * taken at random, in their order.
 *
 * @param values a vector, or `[points, features]`
 */
export function rowOf(form: ObservationForm, values: Float64Array, key: Key): Float64Array | Float32Array {
  return form.kind === 'vector' ? values : setRow(form, values, key)
}

function setRow(form: SetForm, values: ArrayLike<number>, key: Key): Float32Array {
  const { features, points, neighbours, places } = form
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
  const row = new Float32Array(setRowWidth(form))
  row[0] = count
  for (let i = 0; i < count; i++) {
    const from = (taken?.[i] ?? i) * features
    for (let f = 0; f < features; f++) row[1 + i * features + f] = values[from + f]
  }
  if (neighbours === 0 || count <= 1) return row
  const at = new Float32Array(count * places)
  for (let i = 0; i < count; i++) for (let d = 0; d < places; d++) at[i * places + d] = row[1 + i * features + d]
  const k = Math.min(neighbours, count - 1)
  const found = nearestOthers(at, places, k)
  const first = 1 + points * features
  // Fewer others than k: the nearest stand again, so that a mean over senders has no gaps.
  for (let i = 0; i < count; i++)
    for (let j = 0; j < neighbours; j++) row[first + i * neighbours + j] = found[i * k + (j % k)]
  return row
}

/**
 * The k nearest other points in a plane or in space, in an open box.
 *
 * @throws UsageError for places of another dimension
 */
function nearestOthers(places: Float32Array, dim: number, k: number): Int32Array {
  if (dim !== 2 && dim !== 3) {
    throw new UsageError(
      'expected points with 2 or 3 places first among their numbers, for a graph',
      `got ${dim}`,
      'set embedding.places, or take --set embedding.kind=deep-sets',
    )
  }
  return knn(places, Array<null>(dim).fill(null), k).senders
}
