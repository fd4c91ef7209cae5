import { type Box, DataError } from '../core/index.js'
import { correlationEdges } from './bins.js'
import { deleteOneError, type Estimate, type JackknifeOptions, regionSums, withoutRegion } from './jackknife.js'
import { type PairWeight, pairSums } from './pairSums.js'

/**
 * Mean pairwise velocity v12(r) = <(v_j - v_i) . r_ij / |r_ij|> over the pairs of a bin, km/s: negative where halos
 * fall towards each other. Peculiar velocities only, without the Hubble flow (Peebles 1980, section 71).
 *
 * @param positions  `[points, 3]` Mpc/h
 * @param velocities `[points, 3]` km/s
 * @returns `[edges.length - 1]` km/s; NaN in a bin without pairs
 */
export function pairwiseVelocity(
  positions: Float32Array,
  velocities: Float32Array,
  box: Box,
  edges: readonly number[] = correlationEdges,
): Float64Array {
  if (velocities.length !== positions.length)
    throw new DataError(
      `expected ${positions.length / 3} velocities`,
      `got ${velocities.length / 3}`,
      'give one a point',
    )
  return meanApproach(pairSums(positions, box, { edges, weights: [approachSpeed(velocities)] }).total)
}

/** Speed of a pair along its separation, km/s. */
export function approachSpeed(velocities: Float32Array): PairWeight {
  return (dx, dy, dz, r, i, j) => {
    if (r === 0) return 0
    const along =
      (velocities[3 * j] - velocities[3 * i]) * dx +
      (velocities[3 * j + 1] - velocities[3 * i + 1]) * dy +
      (velocities[3 * j + 2] - velocities[3 * i + 2]) * dz
    return along / r
  }
}

/**
 * The mean pairwise velocity of a single field with its jackknife error, km/s. At separations near the width of a
 * region the error is up to twice too large: pairs that straddle its wall no longer cancel the motion of whole regions.
 */
export function pairwiseVelocityWithError(
  positions: Float32Array,
  velocities: Float32Array,
  box: Box,
  options: JackknifeOptions = {},
): Estimate {
  const { regions, sums } = regionSums(positions, box, options, [approachSpeed(velocities)])
  const without = Array.from({ length: regions.count }, (_, region) => meanApproach(withoutRegion(sums, region)))
  return { value: meanApproach(sums.total), error: deleteOneError(without) }
}

function meanApproach([counts, approach]: readonly Float64Array[]): Float64Array {
  return approach.map((sum, bin) => sum / counts[bin])
}
