import { logGamma } from '../../../core/index.js'
import { cholesky, momentsOf, solveLower, timesLower } from '../cholesky.js'
import type { RandomStream } from '../randomStream.js'

/** All c + L y with |y| <= 1. */
export interface Ellipsoid {
  /** c, `[dim]` */
  readonly centre: Float64Array
  /** L, `[dim, dim]`, lower triangle */
  readonly axes: Float64Array
  readonly logVolume: number
}

/** ln of the volume of the unit ball. */
export function logBallVolume(dim: number): number {
  return (dim / 2) * Math.log(Math.PI) - logGamma(dim / 2 + 1)
}

/** The same ellipsoid, its axes longer by a factor. */
export function scaled({ centre, axes, logVolume }: Ellipsoid, factor: number): Ellipsoid {
  return { centre, axes: axes.map(x => x * factor), logVolume: logVolume + centre.length * Math.log(factor) }
}

/** |y| of the point c + L y: 1 on the surface. */
export function radiusIn({ centre, axes }: Ellipsoid, x: Float64Array): number {
  const off = x.map((xi, i) => xi - centre[i])
  return Math.sqrt(solveLower(axes, off, off).reduce((sum, y) => sum + y * y, 0))
}

/** A point uniform in the ellipsoid. */
export function drawInside({ centre, axes }: Ellipsoid, random: RandomStream): Float64Array {
  const dim = centre.length
  const y = new Float64Array(dim).map(() => random.normal())
  const radius = random.uniform() ** (1 / dim) / Math.hypot(...y)
  const out = timesLower(axes, y, new Float64Array(dim))
  for (let i = 0; i < dim; i++) out[i] = centre[i] + radius * out[i]
  return out
}

/**
 * The ellipsoid with the shape of the points' covariance that holds them all; undefined where they are too few or lie
 * in a plane.
 *
 * @param points `[n, dim]`
 * @param counts how often each counts; those that do not at all may lie outside. Default once
 */
export function around(points: Float64Array, dim: number, counts?: Uint8Array): Ellipsoid | undefined {
  const count = points.length / dim
  if (count <= dim) return undefined
  const { mean, covariance } = momentsOf(points, dim, counts && Float64Array.from(counts, c => c / count))
  const axes = cholesky(covariance, dim)
  if (!axes) return undefined
  let logVolume = logBallVolume(dim)
  for (let i = 0; i < dim; i++) logVolume += Math.log(axes[i * dim + i])
  const own = { centre: mean, axes, logVolume }
  return scaled(
    own,
    farthest(own, points, row => !counts || counts[row] > 0),
  )
}

/** The largest radius of the points of interest: 1 if all are inside and one on the surface. */
export function farthest(
  { centre, axes }: Ellipsoid,
  points: Float64Array,
  of: (row: number) => boolean = () => true,
): number {
  const dim = centre.length
  const y = new Float64Array(dim)
  let largest = 0
  for (let at = 0, row = 0; at < points.length; at += dim, row++) {
    if (!of(row)) continue
    let square = 0
    for (let i = 0; i < dim; i++) {
      let sum = points[at + i] - centre[i]
      for (let j = 0; j < i; j++) sum -= axes[i * dim + j] * y[j]
      y[i] = sum / axes[i * dim + i]
      square += y[i] * y[i]
    }
    if (square > largest) largest = square
  }
  return Math.sqrt(largest)
}
