import { type Key, normal, uniform } from '../../core/index.js'

interface NormalLaw {
  readonly mean: number
  readonly spread: number
}

/**
 * Red giants of 0.8 solar masses, as their spectra are taken in dwarf galaxies, with a companion as Duquennoy and Mayor
 * 1991 (A&A 248, 485) found for stars like the Sun: log10 of the period in days normal about 4.8 with 2.3, mass ratios
 * normal about 0.23 with 0.42 on [0.1, 1], eccentricities about 0.25 with 0.12 up to 1000 days and of density 2e
 * beyond. Orbits in which the star would have swallowed its companion are omitted: the separation is at least 0.21 AU,
 * and the nearest approach 0.1 AU (20 solar radii) by a lower eccentricity.
 */
const primaryMass = 0.8
const smallestSeparation = 0.21
const smallestApproach = 0.1
/** log10 days */
const logPeriods: NormalLaw = { mean: 4.8, spread: 2.3 }
const massRatios: NormalLaw = { mean: 0.23, spread: 0.42 }
/** (2 pi G Msun / day)^(1/3) in km/s */
const speedUnit = 212.9
/** Normal deviates drawn for each truncated distribution of a star; the probability that all miss is below 1e-8. */
const tries = 24

/**
 * `[stars]` km/s: by how much the star moves along the line of sight about the centre of mass at a random moment; 0 for
 * single stars.
 */
export function drawBinaryVelocities(key: Key, fraction: number, stars: number): Float32Array {
  const out = new Float32Array(stars)
  const u = uniform(key.split('orbit'), [stars, 6])
  for (let i = 0; i < stars; i++) {
    if (u[6 * i] >= fraction) continue
    const deviates = normal(key.split('companion').split(i), 2 * tries + 1)
    const ratio = firstWithin(deviates.subarray(0, tries), massRatios, [0.1, 1])
    const mass = primaryMass * (1 + ratio)
    // Kepler's third law in years, AU and solar masses
    const shortest = Math.log10(365.25 * Math.sqrt(smallestSeparation ** 3 / mass))
    const logPeriod = firstWithin(deviates.subarray(tries, 2 * tries), logPeriods, [shortest, 11])
    const days = 10 ** logPeriod
    const separation = (mass * (days / 365.25) ** 2) ** (1 / 3)
    const drawn = days > 1000 ? Math.sqrt(u[6 * i + 1]) : Math.abs(0.25 + 0.12 * deviates[2 * tries])
    const e = Math.min(drawn, 0.98, 1 - smallestApproach / separation)
    const sine = Math.sqrt(1 - u[6 * i + 2] ** 2)
    const amplitude =
      (speedUnit * primaryMass * ratio * sine) / (Math.cbrt(days) * Math.cbrt(mass * mass) * Math.sqrt(1 - e * e))
    const omega = 2 * Math.PI * u[6 * i + 3]
    const nu = trueAnomaly(2 * Math.PI * u[6 * i + 4], e)
    out[i] = amplitude * (Math.cos(omega + nu) + e * Math.cos(omega))
  }
  return out
}

/**
 * The first number of a normal law that lies within the bounds, as a rejection sampler would take it; where none does,
 * the mean moved to the nearest bound.
 */
function firstWithin(
  deviates: Float32Array,
  { mean, spread }: NormalLaw,
  [low, high]: readonly [number, number],
): number {
  for (const deviate of deviates) {
    const value = mean + spread * deviate
    if (value >= low && value <= high) return value
  }
  return Math.min(high, Math.max(low, mean))
}

/** From the mean anomaly by Kepler's equation E - e sin E = M, bisected and then refined by Newton's method. */
function trueAnomaly(mean: number, e: number): number {
  let low = mean - e
  let high = mean + e
  let at = mean
  for (let step = 0; step < 60; step++) {
    const miss = at - e * Math.sin(at) - mean
    if (miss > 0) high = at
    else low = at
    const newton = at - miss / (1 - e * Math.cos(at))
    const next = newton > low && newton < high ? newton : (low + high) / 2
    if (Math.abs(next - at) < 1e-12) break
    at = next
  }
  return 2 * Math.atan2(Math.sqrt(1 + e) * Math.sin(at / 2), Math.sqrt(1 - e) * Math.cos(at / 2))
}
