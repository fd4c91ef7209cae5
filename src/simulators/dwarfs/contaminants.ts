import { type Key, normal, uniform } from '../../core/index.js'
import { estimateMembership } from './membership.js'
import type { DwarfTheta } from './prior.js'

/** The field of the survey: a disc of so many half-light radii, drawn for each galaxy uniformly in the logarithm, for it must not tell theirs. */
const fieldRadii = [2, 10] as const
/** km/s: the spread of the foreground's mean velocity relative to the galaxy, and of its stars about it; or so many times that of the galaxy's own stars, for the prior holds galaxies hotter than any dwarf */
const foregroundSpread = 60
const timesOwn = 3

export interface MixedStars {
  readonly membership: Float32Array
  /** 1 where the star is one of the foreground's: what nobody knows of a real galaxy */
  readonly foreground: Uint8Array
}

/**
 * Replaces each star by one of the foreground with a probability `fraction`, in place: even over the field of the survey, normal in velocity about a mean of its
 * own. Memberships are then what an observer makes of these stars (`estimateMembership`), not what only the simulation knows: probabilities from the true
 * profile would tell theta to whoever learns from them.
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
  const [where] = uniform(key.split('field'), 1)
  const field = rStar * fieldRadii[0] * (fieldRadii[1] / fieldRadii[0]) ** where
  const own = Math.sqrt(velocities.reduce((sum, v) => sum + v * v, 0) / stars)
  const spread = Math.max(foregroundSpread, timesOwn * own)
  const mean = spread * normal(key.split('mean'), 1)[0]
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
    velocities[i] = mean + Math.hypot(spread, velocityErrors[i]) * motion[i]
  }
  return { membership: estimateMembership(positions, velocities, velocityErrors, field), foreground }
}
