/** The mean velocity of a galaxy's members and their dispersion with errors taken out, km/s. */
export interface SystemicVelocity {
  readonly mean: number
  readonly meanError: number
  readonly dispersion: number
  readonly dispersionError: number
  /**
   * stars more than 4 dispersions away, errors included, that are likely members by the table: they count nothing here
   */
  readonly outliers: number
}

const farthest = 4

/**
 * Mean and dispersion by maximum likelihood of a Gaussian with each star's own error (Walker et al. 2006,
 * astro-ph/0511465, eq. 8), stars weighted by membership, and those beyond 4 dispersions left out; begun at the median
 * and what 68% of the stars span.
 */
export function systemicVelocity(
  velocities: Float64Array,
  errors: ArrayLike<number>,
  membership?: ArrayLike<number>,
): SystemicVelocity {
  const stars = velocities.length
  const p = Float64Array.from({ length: stars }, (_, i) => membership?.[i] ?? 1)
  const order = Array.from(velocities.keys()).sort((a, b) => velocities[a] - velocities[b])
  const members = p.reduce((a, b) => a + b, 0)
  const quantile = (share: number) => {
    let below = 0
    for (const i of order) {
      below += p[i]
      if (below >= share * members) return velocities[i]
    }
    return velocities[order[stars - 1]]
  }
  let mean = quantile(0.5)
  let variance = ((quantile(0.84) - quantile(0.16)) / 2) ** 2
  const close = (i: number) => (velocities[i] - mean) ** 2 <= farthest ** 2 * (variance + errors[i] ** 2)
  for (let pass = 0; pass < 200; pass++) {
    let [total, sum] = [0, 0]
    for (let i = 0; i < stars; i++) {
      if (!close(i)) continue
      const weight = p[i] / (variance + errors[i] ** 2 + 1e-12)
      total += weight
      sum += weight * velocities[i]
    }
    if (!(total > 0)) break
    const next = sum / total
    // d log L / d variance = 0 as a fixed point: each residual weighs by the square of what its error leaves
    let [square, norm] = [0, 0]
    for (let i = 0; i < stars; i++) {
      if (!close(i)) continue
      const weight = p[i] / (variance + errors[i] ** 2 + 1e-12) ** 2
      square += weight * ((velocities[i] - next) ** 2 - errors[i] ** 2)
      norm += weight
    }
    const spread = Math.max(0, square / norm)
    const moved = Math.abs(next - mean) + Math.abs(Math.sqrt(spread) - Math.sqrt(variance))
    mean = next
    variance = spread
    if (moved < 1e-9) break
  }
  let [first, second, outliers] = [0, 0, 0]
  for (let i = 0; i < stars; i++) {
    const own = variance + errors[i] ** 2 + 1e-12
    if (close(i)) {
      first += p[i] / own
      second += (p[i] * variance) / own ** 2
    } else if (p[i] > 0.5) outliers++
  }
  const dispersionError = second > 0 ? Math.sqrt(1 / (2 * second)) : Number.NaN
  return { mean, meanError: Math.sqrt(1 / first), dispersion: Math.sqrt(variance), dispersionError, outliers }
}
