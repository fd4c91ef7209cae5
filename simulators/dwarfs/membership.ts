import { plummerScale } from './plummer.js'

/** Rounds of expectation and maximisation: memberships then move by less than a hundredth. */
const rounds = 30

/**
 * The probability of each star to be a member, as an observer finds it from places and velocities alone: a mixture of a
 * Plummer profile with one dispersion and a foreground even over the field of the survey and normal in velocity, fitted
 * by expectation and maximisation (Walker et al. 2009, arXiv 0811.1990, without metallicities). Errors of measurement
 * are subtracted from both dispersions.
 *
 * @param positions  `[stars, 2]` kpc from the centre
 * @param velocities `[stars]` km/s
 * @param field      radius of the field, kpc: stars beyond it are members
 */
export function estimateMembership(
  positions: Float32Array,
  velocities: Float32Array,
  velocityErrors: Float32Array,
  field: number,
): Float32Array {
  const stars = velocities.length
  const radii = Float64Array.from({ length: stars }, (_, i) => Math.hypot(positions[2 * i], positions[2 * i + 1]))
  const sorted = Float64Array.from(velocities).sort()
  const middle = sorted[stars >> 1]
  const quarter = Math.max(1e-3, sorted[Math.floor(0.75 * stars)] - sorted[Math.floor(0.25 * stars)]) / 1.35
  // At first, members are the stars within three spreads of the median; the spread is that of the quartiles, which
  // foreground stars move little.
  const p = Float64Array.from(velocities, v => (Math.abs(v - middle) < 3 * quarter ? 0.9 : 0.1))
  let galaxy = moments(velocities, velocityErrors, p, true)
  let foreground = moments(velocities, velocityErrors, p, false)
  let share = 0.8
  for (let round = 0; round < rounds; round++) {
    const scale = plummerScale(radii, p) || 1e-6
    for (let i = 0; i < stars; i++) {
      const noise = velocityErrors[i] ** 2
      const surface = (1 + (radii[i] / scale) ** 2) ** -2 / (Math.PI * scale ** 2)
      const member = share * surface * normalDensity(velocities[i] - galaxy.mean, galaxy.variance + noise)
      const even = radii[i] < field ? 1 / (Math.PI * field ** 2) : 0
      const other = (1 - share) * even * normalDensity(velocities[i] - foreground.mean, foreground.variance + noise)
      p[i] = member + other > 0 ? member / (member + other) : 0
    }
    const members = p.reduce((sum, x) => sum + x, 0)
    // Kept away from 0 and 1, which no later round could leave
    share = Math.min(Math.max(members / stars, 0.02), 0.995)
    galaxy = moments(velocities, velocityErrors, p, true)
    const rest = moments(velocities, velocityErrors, p, false)
    // A foreground colder than the galaxy would be a part of it
    foreground = { mean: rest.mean, variance: Math.max(rest.variance, galaxy.variance) }
  }
  return Float32Array.from(p)
}

/** Mean and own variance, errors subtracted, of the stars weighted by p, or by 1 - p. */
function moments(velocities: Float32Array, errors: Float32Array, p: Float64Array, members: boolean) {
  let [total, sum] = [1e-9, 0]
  for (let i = 0; i < p.length; i++) {
    const weight = members ? p[i] : 1 - p[i]
    total += weight
    sum += weight * velocities[i]
  }
  const mean = sum / total
  let [square, noise] = [0, 0]
  for (let i = 0; i < p.length; i++) {
    const weight = members ? p[i] : 1 - p[i]
    square += weight * (velocities[i] - mean) ** 2
    noise += weight * errors[i] ** 2
  }
  return { mean, variance: Math.max((square - noise) / total, (0.05 * square) / total, 1e-12) }
}

function normalDensity(x: number, variance: number): number {
  return Math.exp((-0.5 * x * x) / variance) / Math.sqrt(2 * Math.PI * variance)
}
