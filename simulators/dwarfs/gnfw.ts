import { UsageError } from '../../core/index.js'

/** Newton's constant in kpc (km/s)^2 / Msun (IAU 2015 nominal solar mass, CODATA 2018 G). */
export const newtonG = 4.300917e-6

/** rho(r) = rho_0 (r/r_s)^-gamma (1 + r/r_s)^(gamma - 3): an inner slope gamma < 3 that turns into 3 at r_s. */
export interface GnfwShape {
  readonly gamma: number
  /** kpc */
  readonly r_s: number
  /** Msun/kpc3 */
  readonly rho_0: number
}

export interface Gnfw extends GnfwShape {
  /** Msun/kpc3 at r in kpc */
  density(r: number): number
  /** Msun within r kpc */
  enclosedMass(r: number): number
  /** (km/s)^2, 0 at infinity and negative inside; -Infinity at r = 0 for gamma >= 2 */
  potential(r: number): number
}

/** Far more than the 53 terms that a power series in u <= 1/2 needs for double precision. */
const maxTerms = 64

/**
 * The generalised NFW profile (Zhao 1996, astro-ph/9509122, with alpha = 1 and beta = 3) in closed form and series, to
 * rounding.
 *
 * With u = r / (r + r_s) the mass is 4 pi rho_0 r_s^3 B(u; 3 - gamma, 0), an incomplete beta function: its power series
 * converges like u^k, and its expansion about u = 1, -log(1 - u) + C - sum binom(2 - gamma, k) (u - 1)^k / k, like (1 -
 * u)^k. Each is used on its half, and C makes the halves meet.
 *
 * @throws UsageError for gamma >= 3 (the mass diverges at the centre), r_s <= 0 and rho_0 < 0
 */
export function makeGnfw({ gamma, r_s, rho_0 }: GnfwShape): Gnfw {
  if (!(gamma < 3 && r_s > 0 && rho_0 >= 0)) {
    throw new UsageError(
      'expected a halo with gamma < 3, r_s > 0 kpc and rho_0 >= 0',
      `got gamma = ${gamma}, r_s = ${r_s}, rho_0 = ${rho_0}`,
      'choose parameters of finite mass',
    )
  }
  const power = 3 - gamma
  // binom(2 - gamma, k) (-1)^k / k, the coefficients about u = 1
  const outer = new Float64Array(maxTerms)
  for (let k = 1, binomial = 1; k < maxTerms; k++) {
    binomial *= -(power - k) / k
    outer[k] = binomial / k
  }
  const inside = (u: number): number => {
    let term = u ** power
    let sum = 0
    for (let k = 0; k < maxTerms; k++) {
      const added = term / (power + k)
      sum += added
      if (added < 1e-17 * sum) break
      term *= u
    }
    return sum
  }
  const beyond = (w: number): number => {
    let term = 1
    let sum = -Math.log(w)
    for (let k = 1; k < maxTerms; k++) {
      term *= w
      if (term < 1e-17) break
      sum -= outer[k] * term
    }
    return sum
  }
  const join = inside(0.5) - beyond(0.5)
  const scale = 4 * Math.PI * rho_0 * r_s ** 3
  const enclosedMass = (r: number): number => {
    const u = r / (r + r_s)
    return scale * (u <= 0.5 ? inside(u) : beyond(r_s / (r + r_s)) + join)
  }
  const density = (r: number): number => rho_0 * (r / r_s) ** -gamma * (1 + r / r_s) ** (gamma - 3)
  // integral of rho s ds from r to infinity: 1/(2 - gamma) (1 - u^(2 - gamma)), or -log u for gamma = 2
  const shells = (r: number): number => {
    const inverse = Math.log1p(r_s / r)
    const slope = 2 - gamma
    return Math.abs(slope * inverse) < 1e-12 ? inverse : -Math.expm1(-slope * inverse) / slope
  }
  const potential = (r: number): number => {
    if (r === 0) return gamma >= 2 ? -Infinity : (-newtonG * scale) / r_s / (2 - gamma)
    return -newtonG * (enclosedMass(r) / r + (scale / r_s) * shells(r))
  }
  return { gamma, r_s, rho_0, density, enclosedMass, potential }
}

/**
 * The masses (Msun) within r = first exp(k step), k = 0 … count - 1: `enclosedMass` at the first, then Euler and
 * Maclaurin's sum of dM/dln r, to 2e-6 for steps up to 0.15, at one power a radius.
 *
 * With F = u^p, p = 3 - gamma, u = r / (r + r_s): F' = p F (1 - u), F''' = F' ((p - (p + 1) u)^2 - (p + 1) u (1 - u)),
 * by ln r.
 */
export function massesOnGrid(halo: GnfwShape, first: number, step: number, count: number): Float64Array {
  const { gamma, r_s, rho_0 } = halo
  const p = 3 - gamma
  const scale = 4 * Math.PI * rho_0 * r_s ** 3
  const masses = new Float64Array(count)
  const ratio = Math.exp(step)
  let t = first / r_s
  let sum = 0
  let before = 0
  for (let k = 0; k < count; k++) {
    const w = 1 / (1 + t)
    const u = t * w
    const F = u ** p
    const slope = p * F * w
    const third = slope * ((p - (p + 1) * u) ** 2 - (p + 1) * u * w)
    const ends = (step * step * (slope - (step * step * third) / 60)) / 12
    if (k === 0) sum = makeGnfw(halo).enclosedMass(first) / scale + ends
    else sum += (step * (before + F)) / 2
    masses[k] = scale * (sum - ends)
    before = F
    t *= ratio
  }
  return masses
}
