/** km/s; [low, high] is where the likelihood is at least e^-1/2 of its largest. */
export interface MeasuredDispersion {
  readonly sigma: number
  readonly low: number
  readonly high: number
}

/**
 * The velocity dispersion of stars about zero, their errors taken out by maximum likelihood (Walker et al. 2006,
 * astro-ph/0511465, eq. 8): v_i ~ N(0, sigma^2 + err_i^2), each star counting `weights[i]` times. 0 where the errors
 * alone explain the spread.
 *
 * @param velocities km/s about the mean
 * @param errors     km/s
 */
export function binnedDispersion(
  velocities: Float64Array,
  errors: Float64Array,
  weights: Float64Array,
): MeasuredDispersion {
  const log = (sigma: number): number => {
    let sum = 0
    for (let i = 0; i < velocities.length; i++) {
      const variance = sigma * sigma + errors[i] ** 2
      if (variance === 0) return -Infinity
      sum -= (weights[i] * (Math.log(variance) + velocities[i] ** 2 / variance)) / 2
    }
    return sum
  }
  const widest = velocities.reduce((most, v) => Math.max(most, Math.abs(v)), 0)
  if (widest === 0) return { sigma: 0, low: 0, high: 0 }
  // the maximum lies below the largest velocity; ends of intervals may lie beyond
  const grid = Array.from({ length: 65 }, (_, i) => (i * widest) / 64)
  const logs = grid.map(log)
  const top = logs.reduce((best, value, i) => (value > logs[best] ? i : best), 0)
  const sigma = maximum(log, grid[Math.max(0, top - 1)], grid[Math.min(64, top + 1)])
  const level = log(sigma) - 0.5
  let beyond = 2 * widest
  while (log(beyond) > level) beyond *= 2
  return {
    sigma,
    low: log(0) >= level ? 0 : crossing(log, level, 0, sigma),
    high: crossing(log, level, beyond, sigma),
  }
}

/** Golden section. */
function maximum(f: (x: number) => number, low: number, high: number): number {
  const share = (Math.sqrt(5) - 1) / 2
  let [a, b] = [low, high]
  for (let step = 0; step < 60; step++) {
    const left = b - share * (b - a)
    const right = a + share * (b - a)
    if (f(left) > f(right)) b = right
    else a = left
  }
  // the end itself: with errors the likelihood can be largest at zero
  return f(low) >= f((a + b) / 2) ? low : (a + b) / 2
}

/** Where f is `level`, between `outside` (below it) and `inside` (above it). */
function crossing(f: (x: number) => number, level: number, outside: number, inside: number): number {
  let [a, b] = [outside, inside]
  for (let step = 0; step < 60; step++) {
    const middle = (a + b) / 2
    if (f(middle) < level) a = middle
    else b = middle
  }
  return (a + b) / 2
}
