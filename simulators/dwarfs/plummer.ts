import type { TracerDensity } from './inversion.js'

/**
 * Plummer 1911: nu ~ (1 + r^2 / a^2)^(-5/2), one star in all. The scale is also the radius that holds half of the stars
 * on the sky.
 */
export function plummerTracer(scale: number): TracerDensity {
  const logCentral = Math.log(3 / (4 * Math.PI * scale ** 3))
  return {
    at(r) {
      const q = (r / scale) ** 2
      const b = q / (1 + q)
      // d/dln r of b is 2 b (1 - b)
      return {
        log: logCentral - 2.5 * Math.log1p(q),
        first: -5 * b,
        second: -10 * b * (1 - b),
        third: -20 * b * (1 - b) * (1 - 2 * b),
      }
    },
  }
}

/** The radius that holds a share `u` of the stars in space. */
export function plummerRadius(scale: number, u: number): number {
  return scale / Math.sqrt(u ** (-2 / 3) - 1)
}

/**
 * The scale that makes projected radii likeliest, each star counting by its weight: where the sum of w (R^2 - a^2) /
 * (R^2 + a^2), which falls with a, is 0. Its error is .87 / sqrt(n) of itself; that of the median radius, which is the
 * same in the mean, 1 / sqrt(n). 0 where most of the weight is at the centre.
 */
export function plummerScale(radii: ArrayLike<number>, weights: ArrayLike<number>): number {
  let outermost = 0
  for (let i = 0; i < radii.length; i++) outermost = Math.max(outermost, radii[i])
  if (!(outermost > 0)) return 0
  const [least, most] = [Math.log(outermost) - 20, Math.log(outermost) + 3]
  let [low, high] = [least, most]
  for (let pass = 0; pass < 50; pass++) {
    const middle = (low + high) / 2
    const square = Math.exp(2 * middle)
    let slope = 0
    for (let i = 0; i < radii.length; i++) {
      const own = radii[i] ** 2
      slope += (weights[i] * (own - square)) / (own + square)
    }
    if (slope > 0) low = middle
    else high = middle
  }
  return low > least + 1e-6 ? Math.exp(low) : 0
}
