import { countBelow } from '../core/index.js'
import { requireAscending } from './bins.js'

/**
 * Cumulative mass function n(>= M): objects of at least each mass, per volume.
 *
 * @param logMass    log10 Msun/h, in any order
 * @param thresholds log10 Msun/h
 * @param volume     (Mpc/h)^3
 * @returns `[thresholds]` (Mpc/h)^-3; its Poisson error is sqrt(n / volume)
 */
export function cumulativeMassFunction(
  logMass: Float32Array,
  thresholds: readonly number[],
  volume: number,
): Float64Array {
  const ascending = logMass.slice().sort()
  return Float64Array.from(thresholds, threshold => (ascending.length - countBelow(ascending, threshold)) / volume)
}

/** Differential mass function dn / dlog10 M in bins `[edges[b], edges[b + 1])`, (Mpc/h)^-3 a decade. */
export function massFunction(logMass: Float32Array, edges: readonly number[], volume: number): Float64Array {
  requireAscending(edges)
  const above = cumulativeMassFunction(logMass, edges, 1)
  return Float64Array.from(
    { length: edges.length - 1 },
    (_, b) => (above[b] - above[b + 1]) / (edges[b + 1] - edges[b]) / volume,
  )
}
