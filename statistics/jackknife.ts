import type { Box } from '../core/index.js'
import { correlationEdges } from './bins.js'
import { periodicLengths } from './boxLengths.js'
import { type PairSums, type PairWeight, pairSums, type Regions } from './pairSums.js'

/** An estimate in each bin and its standard error by jackknife. */
export interface Estimate {
  readonly value: Float64Array
  readonly error: Float64Array
}

/** Sub-boxes an axis by default: 27 regions, each still wider than the largest separation in a 1 Gpc/h box. */
export const regionsPerAxis = 3

/** How pairs are binned and a box is cut. */
export interface JackknifeOptions {
  /** Of the bins of separation, Mpc/h; default `correlationEdges` */
  readonly edges?: readonly number[]
  /** Regions a side; keep them wider than the largest separation */
  readonly perAxis?: number
}

/** Cuts a periodic box into equal sub-boxes, `perAxis` a side, and finds in which each point lies. */
export function subBoxes(positions: Float32Array, box: Box, perAxis = regionsPerAxis): Regions {
  const lengths = periodicLengths(box)
  const of = Int32Array.from({ length: positions.length / 3 }, (_, i) => {
    let region = 0
    for (let axis = 0; axis < 3; axis++) {
      const step = Math.floor((positions[3 * i + axis] / lengths[axis]) * perAxis)
      region = region * perAxis + Math.min(perAxis - 1, step)
    }
    return region
  })
  return { count: perAxis ** 3, of }
}

/** Pair sums of a field that is cut into sub-boxes, and the sub-boxes. */
export function regionSums(
  positions: Float32Array,
  box: Box,
  { edges = correlationEdges, perAxis = regionsPerAxis }: JackknifeOptions,
  weights: readonly PairWeight[] = [],
): { readonly edges: readonly number[]; readonly perAxis: number; readonly regions: Regions; readonly sums: PairSums } {
  const regions = subBoxes(positions, box, perAxis)
  return { edges, perAxis, regions, sums: pairSums(positions, box, { edges, weights, regions }) }
}

/**
 * The weight with which a pair that straddles the wall of a left-out region goes with it, for n regions. With weight 1
 * each such pair would be left out twice, and the error come out too large (Mohammad and Percival 2022, arXiv
 * 2109.07071).
 */
export function straddlingWeight(regions: number): number {
  return regions / (2 + Math.SQRT2 * (regions - 1))
}

/** The pair sums `[1 + weights][bins]` that are left without one region. */
export function withoutRegion(sums: PairSums, region: number): Float64Array[] {
  const { bins, total, within, across } = sums
  const alpha = straddlingWeight(sums.regions)
  return total.map((row, w) =>
    row.map((sum, bin) => sum - within[w][region * bins + bin] - alpha * across[w][region * bins + bin]),
  )
}

/** sqrt((n - 1) / n * sum of squared deviations) over the n estimates that each leave one region out (Tukey 1958). */
export function deleteOneError(estimates: readonly Float64Array[]): Float64Array {
  const n = estimates.length
  return estimates[0].map((_, bin) => {
    const mean = estimates.reduce((sum, estimate) => sum + estimate[bin], 0) / n
    return Math.sqrt(((n - 1) / n) * estimates.reduce((sum, estimate) => sum + (estimate[bin] - mean) ** 2, 0))
  })
}
