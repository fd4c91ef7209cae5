/** The generalised Pareto distribution above 0: P(X > x) = (1 + k x / sigma)^(-1/k). */
export interface Pareto {
  /** shape: moments of order 1/k and above are infinite */
  readonly k: number
  readonly sigma: number
}

/**
 * Shape and scale from ascending positive values: Zhang and Stephens 2009 (doi:10.1198/tech.2009.08017), the posterior
 * mean over a grid of b = -k / sigma, eq. 7 to 9; k is then drawn to 1/2 as by ten further values, Vehtari et al. 2024
 * (arXiv 1507.02646), appendix G.
 */
export function fitPareto(ascending: Float64Array): Pareto {
  const n = ascending.length
  const grid = 30 + Math.floor(Math.sqrt(n))
  const quartile = ascending[Math.floor(n / 4 + 0.5) - 1]
  const bs = Float64Array.from(
    { length: grid },
    (_, i) => 1 / ascending[n - 1] + (1 - Math.sqrt(grid / (i + 0.5))) / (3 * quartile),
  )
  const shape = (b: number): number => ascending.reduce((sum, x) => sum + Math.log1p(-b * x), 0) / n
  // n (log(-b / k) - k - 1), the profile likelihood
  const logs = bs.map(b => {
    const k = shape(b)
    return n * (Math.log(-b / k) - k - 1)
  })
  const top = logs.reduce((a, b) => Math.max(a, b), -Infinity)
  let total = 0
  let mean = 0
  for (const [i, log] of logs.entries()) {
    const weight = Math.exp(log - top)
    total += weight
    mean += weight * bs[i]
  }
  const b = mean / total
  const k = shape(b)
  return { k: (n * k + 10 * 0.5) / (n + 10), sigma: -k / b }
}

/** The value below which a share p lies. */
export function paretoQuantile({ k, sigma }: Pareto, p: number): number {
  const log = Math.log1p(-p)
  return sigma * (Math.abs(k) < 1e-15 ? -log : Math.expm1(-k * log) / k)
}
