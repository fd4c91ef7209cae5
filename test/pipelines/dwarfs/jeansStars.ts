import { type Key, normal, uniform } from '../../../core/index.js'
import type { Dwarf } from '../../../io/dwarfs/dwarf.js'
import { type DwarfTheta, lineOfSightDispersion } from '../../../simulators/dwarfs/index.js'

export interface JeansStars {
  /** km/s */
  readonly systemicVelocity: number
  /** km/s, of every velocity */
  readonly error: number
  /** what the dispersion at R / r* is times that of the Jeans equation; default 1 everywhere */
  readonly factor?: (x: number) => number
}

/** Stars as the Jeans likelihood itself would have them: Plummer radii, Gaussian velocities. */
export function jeansStars(key: Key, count: number, theta: DwarfTheta, options: JeansStars): Dwarf {
  const { systemicVelocity, error, factor = () => 1 } = options
  const r_star = 10 ** theta.log10_r_star
  const radii = Array.from(uniform(key.split('radii'), count), x => r_star * Math.sqrt(x / (1 - x)))
  const sigma = lineOfSightDispersion(
    radii,
    { r_star, beta_0: theta.beta_0, r_a: 10 ** theta.log10_r_a },
    { gamma: theta.gamma, r_s: 10 ** theta.log10_r_s, rho_0: 10 ** theta.log10_rho_0 },
  )
  const spread = (i: number) => Math.hypot(sigma[i] * factor(radii[i] / r_star), error)
  return {
    stars: count,
    positions: Float32Array.from(radii.flatMap((R, i) => [R * Math.cos(i), R * Math.sin(i)])),
    velocities: normal(key.split('velocities'), count).map((z, i) => systemicVelocity + z * spread(i)),
    velocityErrors: new Float32Array(count).fill(error),
    theta,
  }
}
