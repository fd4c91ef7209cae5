import { UsageError } from '../core/index.js'

/** Edges of the bins of separation in which `galaxies evaluate` reports, Mpc/h. */
export const correlationEdges: readonly number[] = [2, 5, 8, 12, 18, 25, 35, 50, 70, 90, 110, 130, 150]

/** 25 edges from .5 to 150 Mpc/h, even in log r, for two-point functions from where halos exclude each other. */
export const fineCorrelationEdges: readonly number[] = Array.from({ length: 25 }, (_, i) =>
  Number((0.5 * 300 ** (i / 24)).toPrecision(4)),
)

/**
 * Finds the bin `[edges[b], edges[b + 1])` of a squared separation, or -1 outside. Wide, far bins hold most pairs:
 * search from the top.
 */
export function squaredBinFinder(edges: readonly number[]): (r2: number) => number {
  requireAscending(edges)
  const squares = Float64Array.from(edges, edge => edge * edge)
  const last = squares.length - 1
  return r2 => {
    if (r2 >= squares[last]) return -1
    let bin = last - 1
    while (bin >= 0 && r2 < squares[bin]) bin--
    return bin
  }
}

/** Volumes of the spherical shells between the edges, in the edges' unit cubed. */
export function shellVolumes(edges: readonly number[]): Float64Array {
  return Float64Array.from(
    { length: edges.length - 1 },
    (_, b) => ((4 * Math.PI) / 3) * (edges[b + 1] ** 3 - edges[b] ** 3),
  )
}

/** Volume-weighted mean separation of each shell: where uniform pairs in it lie on average. */
export function shellCentres(edges: readonly number[]): number[] {
  return Array.from({ length: edges.length - 1 }, (_, b) => {
    const [low, high] = [edges[b], edges[b + 1]]
    return (0.75 * (high ** 4 - low ** 4)) / (high ** 3 - low ** 3)
  })
}

/** @throws UsageError unless there are at least two edges, finite, not negative and ascending */
export function requireAscending(edges: readonly number[]): void {
  const rising = edges.every((edge, i) => Number.isFinite(edge) && edge >= 0 && (i === 0 || edge > edges[i - 1]))
  if (edges.length < 2 || !rising)
    throw new UsageError(
      'expected at least two bin edges, not negative and ascending',
      `got [${edges.join(', ')}]`,
      'sort the edges',
    )
}
