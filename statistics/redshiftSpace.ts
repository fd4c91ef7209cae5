import { DataError, wrapPositions } from '../core/index.js'
import type { Field } from '../io/galaxies/field.js'

/** x, y or z. */
export type Axis = 0 | 1 | 2

/**
 * Positions as a redshift survey sees them: a halo's velocity along the line of sight passes for distance,
 * s = x + v (1 + z) / H(z) (Kaiser 1987; plane-parallel, far away). In comoving Mpc/h with H in h km/s/Mpc, so that at
 * z = 0 the shift is v / 100, whatever the cosmology; above, a flat Lambda universe of `theta.omega_m`.
 *
 * @returns `[points, 3]` Mpc/h, wrapped into the box
 * @throws DataError where the field has no velocities
 */
export function redshiftSpace(field: Field, lineOfSight: Axis = 2, redshift = 0): Float32Array {
  if (field.velocities === undefined)
    throw new DataError(
      'expected velocities for redshift space',
      'got a field of positions alone',
      'omit the multipoles',
    )
  const perVelocity = (1 + redshift) / hubbleRate(field, redshift)
  const shifted = field.positions.slice()
  for (let at = lineOfSight; at < shifted.length; at += 3) shifted[at] += field.velocities[at] * perVelocity
  return wrapPositions(shifted, field.box)
}

/** H(z) in h km/s/Mpc of a flat universe of matter and Lambda. */
function hubbleRate(field: Field, redshift: number): number {
  if (redshift === 0) return 100
  const omegaM = field.theta.omega_m
  if (!(omegaM > 0))
    throw new DataError(
      `expected omega_m, for H at redshift ${redshift}`,
      `got ${omegaM}`,
      'give theta.omega_m with the field',
    )
  return 100 * Math.sqrt(omegaM * (1 + redshift) ** 3 + 1 - omegaM)
}
