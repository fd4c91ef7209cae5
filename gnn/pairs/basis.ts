import type { Box } from '../../core/index.js'
import { UsageError } from '../../core/index.js'
import { type TripleBasis, tripleBasis, tripleCount } from './tripleBasis.js'

/**
 * What a pair feature is: for point i the vectors `sum_j g(i, j) phi_k(r_ij) d_ij / (r_ij + s)` over neighbours within
 * `reach`, with d the displacement to the neighbour, phi_k quadratic B-splines in log r, s a quarter of the noise level
 * (at least half a unit), and g a product of smoothed log-counts around i and j. Lengths are in the positions' unit
 * (Mpc/h).
 */
export interface PairBasis {
  /** Periodic lengths along the three axes */
  readonly box: readonly [number, number, number]
  /**
   * Pairs farther apart than this do not count; less than the shortest box length, in a fit at most a quarter of it
   */
  readonly reach: number
  /** Below this radius the splines are constant */
  readonly inner: number
  /** Number of radial splines */
  readonly splines: number
  /** Smoothing radii of the environment: `max(least, times * sigma)` each */
  readonly environments: readonly { readonly least: number; readonly times: number }[]
  /** Which environment multiplies at i and at j, 1-based; 0 means none */
  readonly gates: readonly (readonly [atReceiver: number, atSender: number])[]
  /** Three-body features after those of the pairs; absent without them */
  readonly triples?: TripleBasis
}

export interface PairBasisOptions {
  /** Environment gates; without them the features are plain sums over pairs. Default true */
  readonly gated?: boolean
  /** Three-body features besides. Default false */
  readonly triples?: boolean
  readonly splines?: number
  readonly inner?: number
  readonly reach?: number
}

/** The basis measured best on halo fields (5000 points in a box of 1000 Mpc/h); other boxes scale the lengths. */
export function pairBasis(box: Box, options: PairBasisOptions = {}): PairBasis {
  const [x, y, z] = box
  if (box.length !== 3 || !x || !y || !z)
    throw new UsageError(
      'expected a periodic box in three dimensions for the pair score',
      `got ${JSON.stringify(box)}`,
      'use a network where an axis is open',
    )
  const least = Math.min(x, y, z)
  const unit = least / 1000
  const reach = options.reach ?? 160 * unit
  if (!(reach > 0 && reach <= least / 4))
    throw new UsageError(
      `expected a reach between 0 and a quarter of the box (${least / 4})`,
      `got ${reach}`,
      'choose a shorter reach',
    )
  const gated = options.gated ?? true
  return {
    box: [x, y, z],
    reach,
    inner: options.inner ?? 2 * unit,
    splines: options.splines ?? 24,
    environments: gated
      ? [
          { least: 6 * unit, times: 1.2 },
          { least: 18 * unit, times: 3 },
        ]
      : [],
    gates: gated
      ? [
          [0, 0],
          [1, 0],
          [0, 1],
          [2, 0],
          [0, 2],
          [1, 1],
        ]
      : [[0, 0]],
    ...(options.triples ? { triples: tripleBasis(unit) } : {}),
  }
}

/**
 * The same features in another box: all lengths stay, so that coefficients fitted in one box serve in the other at the
 * same number density. Where a length is less than four times the reach, all periodic images within reach count
 * (`images.ts`).
 *
 * @throws UsageError where a length is not more than the reach: a point would meet its own image
 */
export function basisIn(basis: PairBasis, box: Box): PairBasis {
  const [x, y, z] = box
  if (box.length !== 3 || !x || !y || !z || Math.min(x, y, z) <= basis.reach)
    throw new UsageError(
      `expected a periodic box of more than ${basis.reach}, the reach of the pair score`,
      `got ${JSON.stringify(box)}`,
      'choose a larger box',
    )
  return { ...basis, box: [x, y, z] }
}

/** Features a point and axis. */
export function featureCount(basis: PairBasis): number {
  return pairCount(basis) + (basis.triples ? tripleCount(basis.triples) : 0)
}

/** Those of pairs alone. */
export function pairCount(basis: PairBasis): number {
  return basis.gates.length * basis.splines
}

/** The softening s of the unit vector at noise level `sigma`. */
export function softening(basis: PairBasis, sigma: number): number {
  return Math.max(basis.inner / 4, sigma / 4)
}

/** Spacing of the splines in log r. */
export function splineSpacing(basis: PairBasis): number {
  return Math.log(basis.reach / basis.inner) / (basis.splines - 2)
}

/** Falls from 1 to 0 over the last fifth of the reach. */
export function taper(basis: PairBasis, r: number): number {
  return Math.min(1, Math.max(0, (basis.reach - r) / (0.2 * basis.reach)))
}

/**
 * The three splines that are not 0 at radius r, times taper / (r + s): what multiplies a displacement.
 * Returns the index of the first and writes their values.
 */
export function splinesAt(basis: PairBasis, sigma: number, r: number, out: Float64Array): number {
  const intervals = basis.splines - 2
  const u = Math.min(intervals, Math.max(0, Math.log(Math.max(r, 1e-12) / basis.inner) / splineSpacing(basis)))
  const first = Math.min(Math.floor(u), intervals - 1)
  const f = u - first
  const scale = taper(basis, r) / (r + softening(basis, sigma))
  out[0] = 0.5 * (1 - f) * (1 - f) * scale
  out[1] = (0.5 + f - f * f) * scale
  out[2] = 0.5 * f * f * scale
  return first
}
