/**
 * A flat LambdaCDM cosmology, by the five parameters of the Quijote Latin hypercube (Villaescusa-Navarro et al. 2020,
 * arXiv 1909.05273). Lengths are Mpc/h and masses Msun/h throughout, so `h` enters through the transfer function alone.
 */
export interface Cosmology {
  /** Total matter density today, in units of the critical density */
  readonly omegaM: number
  readonly omegaB: number
  /** Hubble constant in 100 km/s/Mpc */
  readonly h: number
  /** Slope of the primordial spectrum */
  readonly nS: number
  /** Standard deviation of the linear density in spheres of 8 Mpc/h */
  readonly sigma8: number
  /** Temperature of the microwave background in K; 2.7255 where absent */
  readonly tCmb?: number
}

/** Names in files and on the command line, in the order of the Quijote tables. */
export const parameterNames = ['omega_m', 'omega_b', 'h', 'n_s', 'sigma_8'] as const
export type ParameterName = (typeof parameterNames)[number]

/** Quijote's fiducial cosmology. */
export const fiducial: Readonly<Record<ParameterName, number>> = {
  omega_m: 0.3175,
  omega_b: 0.049,
  h: 0.6711,
  n_s: 0.9624,
  sigma_8: 0.834,
}

/** The ranges of the Quijote Latin hypercube: the prior of the galaxies case. */
export const quijotePrior: Readonly<Record<ParameterName, readonly [number, number]>> = {
  omega_m: [0.1, 0.5],
  omega_b: [0.03, 0.07],
  h: [0.5, 0.9],
  n_s: [0.8, 1.2],
  sigma_8: [0.6, 1],
}

export function cosmologyOf(theta: Readonly<Record<string, number>>): Cosmology {
  const value = (name: ParameterName) => theta[name] ?? fiducial[name]
  return {
    omegaM: value('omega_m'),
    omegaB: value('omega_b'),
    h: value('h'),
    nS: value('n_s'),
    sigma8: value('sigma_8'),
  }
}

/** Mean matter density today, Msun/h per (Mpc/h)^3: 2.775e11 omega_m. */
export function meanMatterDensity(cosmology: Cosmology): number {
  return 2.77536627e11 * cosmology.omegaM
}
