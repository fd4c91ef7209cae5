import type { TracerDensity } from './inversion.js'

/** Plummer 1911: nu ~ (1 + r^2 / a^2)^(-5/2), one star in all. The scale is also the radius that holds half of the stars on the sky. */
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
