import { type Key, normal, uniform, WorkError } from '../../core/index.js'
import { estimateMembership } from './membership.js'
import type { DwarfTheta } from './prior.js'

/**
 * The field of the survey is a disc. Its radius, in half-light radii of the galaxy, is drawn for each galaxy uniformly
 * in the logarithm: a constant ratio would reveal the half-light radius.
 */
const fieldRadii = [2, 10] as const
/**
 * km/s: the spread of the foreground's mean velocity relative to the galaxy, and of its stars about that mean. It is at
 * least `timesOwn` times the spread of the galaxy's own stars, because the prior holds galaxies hotter than any dwarf.
 */
const foregroundSpread = 60
const timesOwn = 3

/** Fewer members leave nothing to infer. Ten stars with a foreground of 99% take four hundred tries on average. */
const fewestMembers = 2
const mostTries = 20_000

export interface ObservedStars {
  /** `[stars, 2]` kpc */
  readonly positions: Float32Array
  /** `[stars]` km/s, with the noise of measurement */
  readonly velocities: Float32Array
  /** `[stars]` km/s */
  readonly velocityErrors: Float32Array
}

export interface MixedStars {
  readonly membership: Float32Array
  /** 1 where the star is one of the foreground's: unknown for a real galaxy */
  readonly foreground: Uint8Array
  /** foregrounds drawn before this one, each of which left fewer than two members */
  readonly redrawn: number
}

/**
 * Replaces each star by one of the foreground with a probability `fraction`, in place: even over the field of the
 * survey, normal in velocity about a mean of its own. Memberships are then what an observer makes of these stars
 * (`estimateMembership`), not what only the simulation knows: probabilities from the true profile would give theta away
 * to a network that learns from them.
 *
 * At least two stars stay members, both in truth and by the sum of the memberships: a foreground that leaves fewer is
 * drawn anew, so that of a few stars with a large `fraction` the share of the foreground is a little smaller than that.
 *
 * @param theta of the galaxy that the stars are of
 * @throws WorkError where none of 20000 foregrounds leaves two members
 */
export function mixForeground(
  key: Key,
  fraction: number,
  theta: DwarfTheta,
  { positions, velocities, velocityErrors }: ObservedStars,
): MixedStars {
  const stars = velocities.length
  const rStar = 10 ** theta.log10_r_star
  const [where] = uniform(key.split('field'), 1)
  const field = rStar * fieldRadii[0] * (fieldRadii[1] / fieldRadii[0]) ** where
  const own = Math.sqrt(velocities.reduce((sum, v) => sum + v * v, 0) / stars)
  const spread = Math.max(foregroundSpread, timesOwn * own)
  const mean = spread * normal(key.split('mean'), 1)[0]
  for (let redrawn = 0; redrawn < mostTries; redrawn++) {
    const again = redrawn === 0 ? key : key.split('again').split(redrawn)
    const u = uniform(again.split('place'), [stars, 3])
    const foreground = Uint8Array.from({ length: stars }, (_, i) => (u[3 * i] < fraction ? 1 : 0))
    if (foreground.reduce((sum, x) => sum + x, 0) > stars - fewestMembers) continue
    const motion = normal(again.split('motion'), stars)
    const mixed = { positions: positions.slice(), velocities: velocities.slice() }
    for (let i = 0; i < stars; i++) {
      if (foreground[i] === 0) continue
      const radius = field * Math.sqrt(u[3 * i + 1])
      const angle = 2 * Math.PI * u[3 * i + 2]
      mixed.positions[2 * i] = radius * Math.cos(angle)
      mixed.positions[2 * i + 1] = radius * Math.sin(angle)
      mixed.velocities[i] = mean + Math.hypot(spread, velocityErrors[i]) * motion[i]
    }
    const membership = estimateMembership(mixed.positions, mixed.velocities, velocityErrors, field)
    if (membership.reduce((sum, p) => sum + p, 0) < fewestMembers) continue
    positions.set(mixed.positions)
    velocities.set(mixed.velocities)
    return { membership, foreground, redrawn }
  }
  throw new WorkError(
    `expected a foreground that leaves two of ${stars} stars members`,
    `got none in ${mostTries} tries at a share of ${fraction}`,
    'lower --contaminants or raise --stars',
  )
}
