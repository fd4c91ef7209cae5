import { type Key, uniform } from '../../../core/index.js'
import type { KnownField } from '../../../simulators/fields/index.js'

/** Thetas uniform in the ranges of a field. */
export function draws(field: KnownField, key: Key, count: number): number[][] {
  const shares = uniform(key, 2 * count)
  return Array.from({ length: count }, (_, n) =>
    field.ranges.map(([low, high], i) => low + shares[2 * n + i] * (high - low)),
  )
}
