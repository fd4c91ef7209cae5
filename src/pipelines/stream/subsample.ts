import type { Field } from '../../core/field.js'
import { type Key, permutation } from '../../core/key.js'

/**
 * At most `points` points of a field, in the order in which they stood (heaviest first).
 * `heaviest` takes the first; `random` takes each with equal chance, which thins the field and keeps its correlation
 * function. A field with no more than `points` comes back as it is.
 */
export function subsampleField(field: Field, points: number, how: 'heaviest' | 'random', key: Key): Field {
  if (field.points <= points) return field
  if (how === 'heaviest')
    return takePoints(
      field,
      Int32Array.from({ length: points }, (_, i) => i),
    )
  return takePoints(field, permutation(key.split('subsample'), field.points).slice(0, points).sort())
}

/** The points of a field at these indices, in this order. */
export function takePoints(field: Field, indices: Int32Array): Field {
  const dim = field.box.length
  return {
    ...field,
    points: indices.length,
    positions: takeRows(field.positions, indices, dim),
    velocities: field.velocities && takeRows(field.velocities, indices, dim),
    logMass: field.logMass && takeRows(field.logMass, indices, 1),
  }
}

function takeRows(values: Float32Array, indices: Int32Array, width: number): Float32Array {
  const out = new Float32Array(indices.length * width)
  indices.forEach((row, i) => {
    for (let c = 0; c < width; c++) out[i * width + c] = values[row * width + c]
  })
  return out
}
