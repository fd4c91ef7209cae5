import type { Box } from '../core/index.js'
import type { Field } from '../io/galaxies/field.js'
import { correlationEdges } from './bins.js'
import { uniformPairs } from './correlationFunction.js'
import { type PairWeight, pairSums } from './pairSums.js'
import { type Axis, redshiftSpace } from './redshiftSpace.js'

/** xi_0, xi_2 and xi_4 in each bin of separation, dimensionless. */
export interface Multipoles {
  readonly monopole: Float64Array
  readonly quadrupole: Float64Array
  readonly hexadecapole: Float64Array
}

/**
 * Legendre multipoles of xi(s, mu), mu the cosine to the line of sight: xi_l = (2l + 1) / 2 * integral of xi L_l dmu
 * (Hamilton 1992). In a periodic box RR does not depend on mu, so the integral is a plain sum over pairs and needs no
 * bins in mu: xi_l = (2l + 1) sum_pairs L_l(mu) / RR, less 1 for l = 0.
 *
 * @param positions `[points, 3]` Mpc/h, in redshift space (see `redshiftSpace`)
 */
export function multipoles(
  positions: Float32Array,
  box: Box,
  edges: readonly number[] = correlationEdges,
  lineOfSight: Axis = 2,
): Multipoles {
  const expected = uniformPairs(positions.length / 3, box, edges)
  const [counts, second, fourth] = pairSums(positions, box, { edges, weights: legendreWeights(lineOfSight) }).total
  return {
    monopole: counts.map((sum, bin) => sum / expected[bin] - 1),
    quadrupole: second.map((sum, bin) => (5 * sum) / expected[bin]),
    hexadecapole: fourth.map((sum, bin) => (9 * sum) / expected[bin]),
  }
}

/** L_2 and L_4 of a pair's cosine to the line of sight. */
function legendreWeights(lineOfSight: Axis): PairWeight[] {
  const cosineSquared: PairWeight = (dx, dy, dz, r) => {
    const along = lineOfSight === 0 ? dx : lineOfSight === 1 ? dy : dz
    return r === 0 ? 0 : (along / r) ** 2
  }
  return [
    (dx, dy, dz, r, i, j) => (3 * cosineSquared(dx, dy, dz, r, i, j) - 1) / 2,
    (dx, dy, dz, r, i, j) => {
      const mu2 = cosineSquared(dx, dy, dz, r, i, j)
      return (35 * mu2 * mu2 - 30 * mu2 + 3) / 8
    },
  ]
}

/**
 * Multipoles of a field in redshift space, averaged over the given lines of sight: the three axes of one box are three
 * looks at the same structures, which quietens the noise of the quadrupole.
 */
export function redshiftMultipoles(
  field: Field,
  edges: readonly number[] = correlationEdges,
  linesOfSight: readonly Axis[] = [0, 1, 2],
  redshift = 0,
): Multipoles {
  const looks = linesOfSight.map(axis => multipoles(redshiftSpace(field, axis, redshift), field.box, edges, axis))
  const average = (name: keyof Multipoles) =>
    Float64Array.from(
      { length: edges.length - 1 },
      (_, bin) => looks.reduce((sum, look) => sum + look[name][bin], 0) / looks.length,
    )
  return { monopole: average('monopole'), quadrupole: average('quadrupole'), hexadecapole: average('hexadecapole') }
}
