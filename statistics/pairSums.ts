import type { Box } from '../core/index.js'
import { squaredBinFinder } from './bins.js'
import { forEachPair } from './pairs.js'

/**
 * What one pair adds: from the separation `j - i` and its length, Mpc/h. It must not change when i and j trade places.
 */
export type PairWeight = (dx: number, dy: number, dz: number, r: number, i: number, j: number) => number

/**
 * Sums over pairs by bin of separation: row 0 counts, the others add a weight each. With regions, also the part of each
 * region, which is what a jackknife omits.
 */
export interface PairSums {
  readonly bins: number
  readonly regions: number
  /** `[1 + weights][bins]` over all unordered pairs */
  readonly total: readonly Float64Array[]
  /** `[1 + weights][regions * bins]` pairs with both points in the region */
  readonly within: readonly Float64Array[]
  /** `[1 + weights][regions * bins]` pairs with one point in the region */
  readonly across: readonly Float64Array[]
}

/** A box cut into regions. */
export interface Regions {
  readonly count: number
  /** `[points]` the region of each point */
  readonly of: Int32Array
}

/** What is summed over pairs, and in which bins. */
export interface PairSumsOptions {
  /** Of the bins of separation, Mpc/h, at most half the box */
  readonly edges: readonly number[]
  /** Beside the count of pairs, which is always summed */
  readonly weights?: readonly PairWeight[]
  readonly regions?: Regions
}

/**
 * Sums over all pairs of a field.
 *
 * @param positions `[points, 3]` Mpc/h
 * @throws UsageError where the edges do not ascend, or exceed half the box
 */
export function pairSums(
  positions: Float32Array,
  box: Box,
  { edges, weights = [], regions }: PairSumsOptions,
): PairSums {
  const bins = edges.length - 1
  const rows = Array.from({ length: 1 + weights.length }, (_, row) => row)
  const total = rows.map(() => new Float64Array(bins))
  const within = rows.map(() => new Float64Array(bins * (regions?.count ?? 0)))
  const across = rows.map(() => new Float64Array(bins * (regions?.count ?? 0)))
  const binOf = squaredBinFinder(edges)
  forEachPair(positions, box, edges[bins], (i, j, dx, dy, dz, r2) => {
    const bin = binOf(r2)
    if (bin < 0) return
    const r = Math.sqrt(r2)
    for (let row = 0; row < rows.length; row++) {
      const weight = row === 0 ? 1 : weights[row - 1](dx, dy, dz, r, i, j)
      total[row][bin] += weight
      if (regions === undefined) continue
      const a = regions.of[i]
      const b = regions.of[j]
      if (a === b) within[row][a * bins + bin] += weight
      else {
        across[row][a * bins + bin] += weight
        across[row][b * bins + bin] += weight
      }
    }
  })
  return { bins, regions: regions?.count ?? 0, total, within, across }
}
