import { type Key, permutation } from '../../../core/key.js'
import { heaviest, takePoints } from '../../../io/galaxies/check.js'
import type { Field } from '../../../io/galaxies/field.js'

/**
 * At most `points` points of a field, in the order in which they stood (heaviest first).
 * `heaviest` takes the first; `random` takes each with equal chance, which thins the field and keeps its correlation
 * function. A field with no more than `points` comes back as it is.
 */
export function subsampleField(field: Field, points: number, how: 'heaviest' | 'random', key: Key): Field {
  if (field.points <= points) return field
  if (how === 'heaviest') return heaviest(field, points)
  return takePoints(field, Array.from(permutation(key.split('subsample'), field.points).slice(0, points).sort()))
}
