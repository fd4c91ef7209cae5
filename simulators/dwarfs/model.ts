import { makeGnfw, newtonG } from './gnfw.js'
import { haloPotential } from './haloPotential.js'
import type { SphericalPotential } from './inversion.js'
import type { DwarfTheta } from './prior.js'

/** The dark matter of one dwarf galaxy and the orbits of its stars, as pure functions of the radius in kpc. */
export interface DwarfModel {
  readonly theta: DwarfTheta
  /** kpc */
  readonly rS: number
  readonly rStar: number
  readonly rA: number
  /** Msun/kpc3 */
  density(r: number): number
  /** Msun inside r; grows as ln r without end */
  mass(r: number): number
  /** Relative potential psi in (km/s)^2: positive, 0 at infinity */
  potential(r: number): number
  /** km/s */
  circularVelocity(r: number): number
  /** km/s */
  escapeVelocity(r: number): number
  /**
   * Stars per kpc3, one in all: Plummer 1911 with scale r_star, which is also the radius of half the stars on the sky
   */
  tracerDensity(r: number): number
  /** beta = 1 - sigma_t^2 / sigma_r^2 for one tangential direction */
  anisotropy(r: number): number
  /** The potential as the inversion needs it */
  readonly spherical: SphericalPotential
}

/** Dark matter rho_0 (r/r_s)^-gamma (1 + r/r_s)^(gamma - 3), gamma at most 2; the stars weigh nothing. */
export function makeDwarfModel(theta: DwarfTheta): DwarfModel {
  const { gamma, beta_0: beta0 } = theta
  const rS = 10 ** theta.log10_r_s
  const rStar = 10 ** theta.log10_r_star
  const rA = 10 ** theta.log10_r_a
  const shape = { gamma, r_s: rS, rho_0: 10 ** theta.log10_rho_0 }
  const { density, enclosedMass, potential } = makeGnfw(shape)
  return {
    theta,
    rS,
    rStar,
    rA,
    density,
    mass: enclosedMass,
    potential: r => -potential(r),
    circularVelocity: r => Math.sqrt((newtonG * enclosedMass(r)) / r),
    escapeVelocity: r => Math.sqrt(-2 * potential(r)),
    tracerDensity: r => (3 / (4 * Math.PI * rStar ** 3)) * (1 + (r / rStar) ** 2) ** -2.5,
    anisotropy: r => (beta0 * rA ** 2 + r ** 2) / (rA ** 2 + r ** 2),
    spherical: haloPotential(shape),
  }
}
