import { makeKey, normal, periodicBox, uniform } from '../../../../core/index.js'
import type { Field } from '../../../../io/galaxies/field.js'

/**
 * Halos without structure, whose numbers know theta: masses Omega_m, speeds sigma_8.
 *
 * @param side of the box, Mpc/h
 */
export function scattered(name: string, index: number, points = 1100, side = 600): Field {
  const key = makeKey(71).split(name).split(index)
  const [a, b] = uniform(key.split('theta'), 2)
  const theta = { omega_m: 0.1 + 0.4 * a, sigma_8: 0.6 + 0.4 * b }
  const logMass = normal(key.split('mass'), points).map(z => 13.8 + theta.omega_m + 0.3 * Math.abs(z))
  return {
    points,
    positions: uniform(key.split('positions'), 3 * points).map(u => u * side),
    velocities: normal(key.split('velocities'), 3 * points).map(z => 400 * theta.sigma_8 * z),
    logMass: logMass.sort().reverse(),
    box: periodicBox(side),
    theta,
  }
}
