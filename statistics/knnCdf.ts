import { type Box, countBelow, type Key, uniform, wrapPositions } from '../core/index.js'
import { periodicLengths } from './boxLengths.js'
import { nearestDistances } from './nearestDistances.js'

/** The ranks k whose distributions are measured by default. */
export const nearestRanks: readonly number[] = [1, 5, 9]

/** Where distributions of distances are taken, and of which neighbours. */
export interface DistributionOptions {
  /** Mpc/h */
  readonly radii: readonly number[]
  readonly ranks?: readonly number[]
}

/**
 * Nearest-neighbour cumulative distributions: the share of volume-filling query points whose k-th nearest halo is
 * nearer than r (Banerjee and Abel 2021, arXiv 2007.13342). They see correlations of every order. For a Poisson process
 * of density n: 1 - sum_{i<k} exp(-n V) (n V)^i / i!, V = 4/3 pi r^3.
 *
 * @param positions `[points, 3]` Mpc/h
 * @param queries   `[queries, 3]` Mpc/h, from `gridQueries` or `randomQueries`
 * @returns one `[radii]` a rank, in [0, 1]
 */
export function knnCdf(
  positions: Float32Array,
  box: Box,
  queries: Float32Array,
  { radii, ranks = nearestRanks }: DistributionOptions,
): Float64Array[] {
  const most = Math.max(...ranks)
  const distances = nearestDistances(queries, positions, box, most)
  const count = queries.length / 3
  return ranks.map(rank => {
    const column = Float64Array.from({ length: count }, (_, query) => distances[query * most + rank - 1]).sort()
    return Float64Array.from(radii, radius => countBelow(column, radius) / count)
  })
}

/** Query points on a cubic grid of `perAxis` a side, in the middle of its cells. */
export function gridQueries(box: Box, perAxis: number): Float32Array {
  const lengths = periodicLengths(box)
  return Float32Array.from({ length: 3 * perAxis ** 3 }, (_, at) => {
    const axis = at % 3
    const step = Math.floor(Math.floor(at / 3) / perAxis ** axis) % perAxis
    return ((step + 0.5) / perAxis) * lengths[axis]
  })
}

/** Uniform, independent query points. */
export function randomQueries(key: Key, box: Box, count: number): Float32Array {
  const lengths = periodicLengths(box)
  return wrapPositions(
    uniform(key, [count, 3]).map((u, at) => u * lengths[at % 3]),
    box,
  )
}
