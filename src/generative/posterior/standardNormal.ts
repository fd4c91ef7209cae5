/** The share of standard normal numbers below `x`. */
export function normalCdf(x: number): number {
  const z = Math.abs(x) / Math.SQRT2
  const upper = complementaryError(z) / 2
  return x > 0 ? 1 - upper : upper
}

/** erfc for z >= 0 by a continued fraction beyond 2 and a power series before, to 1e-14. */
export function complementaryError(z: number): number {
  if (z < 2) {
    // 2/sqrt(pi) e^(-z^2) sum (2 z^2)^n z / (1 3 5 …)
    let term = z
    let sum = z
    for (let n = 1; n < 200 && term > 1e-17 * sum; n++) {
      term *= (2 * z * z) / (2 * n + 1)
      sum += term
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * Math.exp(-z * z) * sum
  }
  let fraction = 0
  for (let n = 120; n >= 1; n--) fraction = n / 2 / (z + fraction)
  return Math.exp(-z * z) / Math.sqrt(Math.PI) / (z + fraction)
}

/** The standard normal number below which a share `p` lies: Abramowitz and Stegun 26.2.23, then Halley's steps. */
export function normalInverseCdf(p: number): number {
  if (!(p > 0 && p < 1)) return p === 0 ? -Infinity : p === 1 ? Infinity : Number.NaN
  // by symmetry the lower half, where the distribution function is exact in its tail
  if (p > 0.5) return -normalInverseCdf(1 - p)
  // Abramowitz and Stegun 26.2.23
  const t = Math.sqrt(-2 * Math.log(p))
  let x = -(t - (2.515517 + 0.802853 * t + 0.010328 * t * t) / (1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t ** 3))
  for (let step = 0; step < 3; step++) {
    const error = (normalCdf(x) - p) * Math.sqrt(2 * Math.PI) * Math.exp((x * x) / 2)
    x -= error / (1 + (x * error) / 2)
  }
  return x
}
