import { UsageError } from '../../core/index.js'

/** The parameters of a dwarf galaxy, in the order of every table: kpc and Msun/kpc3 under the logarithms (base 10). */
export const dwarfNames = ['gamma', 'log10_r_s', 'log10_rho_0', 'log10_r_star', 'beta_0', 'log10_r_a'] as const
export type DwarfName = (typeof dwarfNames)[number]
export type DwarfTheta = Readonly<Record<DwarfName, number>>

export type Interval = readonly [low: number, high: number]

/**
 * A uniform box in the coordinates in which the field draws (Nguyen et al. 2023, arXiv 2208.12825, table I): the scale
 * of the stars is a share of that of the dark matter, and the anisotropy radius a multiple of that of the stars.
 */
export interface DwarfPrior {
  /** inner slope of the dark matter, rho ~ r^-gamma */
  readonly gamma: Interval
  /** log10 kpc */
  readonly log10_r_s: Interval
  /** log10 Msun/kpc3 */
  readonly log10_rho_0: Interval
  readonly r_star_over_r_s: Interval
  readonly beta_0: Interval
  readonly r_a_over_r_star: Interval
}

export const priorNames = ['gamma', 'log10_r_s', 'log10_rho_0', 'r_star_over_r_s', 'beta_0', 'r_a_over_r_star'] as const

/**
 * A cored tracer has a distribution function that is nowhere negative for beta_0 <= 0 alone (An and Evans 2006,
 * astro-ph/0511686).
 */
export const dwarfPrior: DwarfPrior = {
  gamma: [-1, 2],
  log10_r_s: [-1, 1],
  log10_rho_0: [5, 8],
  r_star_over_r_s: [0.2, 1],
  beta_0: [-0.5, 0],
  r_a_over_r_star: [0.5, 2],
}

/** The coordinates in which the prior is a box, in the order of `priorNames`. */
export function toCoordinates(theta: DwarfTheta): number[] {
  const { gamma, log10_r_s, log10_rho_0, log10_r_star, beta_0, log10_r_a } = theta
  return [gamma, log10_r_s, log10_rho_0, 10 ** (log10_r_star - log10_r_s), beta_0, 10 ** (log10_r_a - log10_r_star)]
}

export function fromCoordinates(coordinates: ArrayLike<number>): DwarfTheta {
  const [gamma, log10_r_s, log10_rho_0, share, beta_0, multiple] = Array.from(coordinates)
  const log10_r_star = log10_r_s + Math.log10(share)
  return { gamma, log10_r_s, log10_rho_0, log10_r_star, beta_0, log10_r_a: log10_r_star + Math.log10(multiple) }
}

/**
 * theta as a point of the unit cube; outside [0, 1] where it lies outside the prior. Each coordinate is uniform under
 * the prior.
 */
export function toUnitCube(theta: DwarfTheta, prior: DwarfPrior): number[] {
  return toCoordinates(theta).map((x, i) => {
    const [low, high] = prior[priorNames[i]]
    return (x - low) / (high - low)
  })
}

/** The theta at a point of the unit cube, for example six uniform numbers. */
export function fromUnitCube(u: ArrayLike<number>, prior: DwarfPrior): DwarfTheta {
  return fromCoordinates(
    priorNames.map((name, i) => {
      const [low, high] = prior[name]
      return low + (high - low) * u[i]
    }),
  )
}

/**
 * The default prior with some intervals replaced.
 *
 * @throws UsageError for a name that is none of `priorNames` and an interval that is not ascending
 */
export function priorWith(changes: Readonly<Record<string, readonly number[]>>): DwarfPrior {
  const unknown = Object.keys(changes).find(name => !priorNames.some(known => known === name))
  if (unknown !== undefined) {
    throw new UsageError(`expected a prior of ${priorNames.join(', ')}`, `got ${unknown}`, 'name one of them')
  }
  for (const [name, interval] of Object.entries(changes)) {
    if (interval.length === 2 && interval.every(Number.isFinite) && interval[0] < interval[1]) continue
    throw new UsageError(
      `expected ${name} between two ascending numbers`,
      `got ${JSON.stringify(interval)}`,
      'write for example gamma=[0,1.5]',
    )
  }
  return { ...dwarfPrior, ...(changes as Partial<DwarfPrior>) }
}
