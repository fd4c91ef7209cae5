import { type Key, normal, uniform } from '../../core/index.js'
import { jeansInGnfw, lineOfSightVariance } from './jeans.js'
import type { DwarfTheta } from './prior.js'

/** Foreground stars are spread evenly over a disc of this many half-light radii, the field of the survey. */
const fieldRadii = 5
/** km/s: of the foreground's mean velocity relative to the galaxy, and of its stars about it */
const meanSpread = 60
const foregroundDispersion = 60

export interface MixedStars {
  readonly membership: Float32Array
  /** 1 where the star is one of the foreground's: what nobody knows of a real galaxy */
  readonly foreground: Uint8Array
}

/**
 * Replaces each star by one of the foreground with a probability `fraction`, in place: even on the sky, normal in velocity about a mean that is the
 * galaxy's own. Then the probability that a star of this place, velocity and error is a member, by Bayes' rule from the densities of both: for
 * the members Plummer's surface density and a normal distribution with the dispersion of the Jeans equation at that radius, which is their true second moment
 * (their true line profile is a little flatter or more peaked; binaries are not in it).
 *
 * @param positions  `[stars, 2]` kpc
 * @param velocities `[stars]` km/s, noise and all
 */
export function mixForeground(
  key: Key,
  fraction: number,
  theta: DwarfTheta,
  positions: Float32Array,
  velocities: Float32Array,
  velocityErrors: Float32Array,
): MixedStars {
  const stars = velocities.length
  const rStar = 10 ** theta.log10_r_star
  const field = fieldRadii * rStar
  const mean = meanSpread * normal(key.split('mean'), 1)[0]
  const u = uniform(key.split('place'), [stars, 3])
  const motion = normal(key.split('motion'), stars)
  const foreground = new Uint8Array(stars)
  for (let i = 0; i < stars; i++) {
    if (u[3 * i] >= fraction) continue
    const radius = field * Math.sqrt(u[3 * i + 1])
    const angle = 2 * Math.PI * u[3 * i + 2]
    foreground[i] = 1
    positions[2 * i] = radius * Math.cos(angle)
    positions[2 * i + 1] = radius * Math.sin(angle)
    velocities[i] = mean + Math.hypot(foregroundDispersion, velocityErrors[i]) * motion[i]
  }
  const membership = new Float32Array(stars)
  const table = jeansInGnfw(
    { r_star: rStar, beta_0: theta.beta_0, r_a: 10 ** theta.log10_r_a },
    { gamma: theta.gamma, r_s: 10 ** theta.log10_r_s, rho_0: 10 ** theta.log10_rho_0 },
  )
  for (let i = 0; i < stars; i++) {
    const R = Math.hypot(positions[2 * i], positions[2 * i + 1])
    const noise = velocityErrors[i] ** 2
    const sigma2 = lineOfSightVariance(table, Math.log(Math.max(R, 1e-6 * rStar) / rStar))
    const surface = 1 / (Math.PI * rStar ** 2 * (1 + (R / rStar) ** 2) ** 2)
    const member = (1 - fraction) * surface * normalDensity(velocities[i], sigma2 + noise)
    const other =
      R < field
        ? (fraction / (Math.PI * field ** 2)) * normalDensity(velocities[i] - mean, foregroundDispersion ** 2 + noise)
        : 0
    membership[i] = other > 0 ? member / (member + other) : 1
  }
  return { membership, foreground }
}

function normalDensity(x: number, variance: number): number {
  return Math.exp((-0.5 * x * x) / variance) / Math.sqrt(2 * Math.PI * variance)
}
