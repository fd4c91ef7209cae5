import type { LogDensityAt, SphericalPotential, TracerDensity } from '../../../simulators/dwarfs/inversion.js'

/** psi = (1 + r^2)^(-1/2), that of a Plummer sphere with G = M = a = 1. */
export const plummerPotential: SphericalPotential = {
  at(r) {
    const q = r * r
    const b = q / (1 + q)
    const psi = 1 / Math.sqrt(1 + q)
    // 1 - psi without cancellation
    const depth = q / (1 + q + Math.sqrt(1 + q))
    return { psi, depth, circularSquared: psi * b, slope: 2 - 3 * b, slopeRate: -6 * b * (1 - b) }
  },
}

/** psi = 1 / (1 + r): Hernquist 1990 with G = M = a = 1. */
export const hernquistPotential: SphericalPotential = {
  at(r) {
    const t = r / (1 + r)
    return { psi: 1 / (1 + r), depth: t, circularSquared: t * (1 - t), slope: 1 - 2 * t, slopeRate: -2 * t * (1 - t) }
  },
}

/** nu = 1 / (2 pi r (1 + r)^3) */
export const hernquistTracer: TracerDensity = {
  at(r) {
    const t = r / (1 + r)
    const slope = t * (1 - t)
    return {
      log: -Math.log(2 * Math.PI * r) - 3 * Math.log1p(r),
      first: -1 - 3 * t,
      second: -3 * slope,
      third: -3 * slope * (1 - 2 * t),
    }
  },
}

/**
 * The tracer in Plummer's potential whose augmented density is psi^power: f_Q is then a power of Q for every
 * anisotropy.
 */
export function powerTracer(power: number, beta0: number, rA: number): TracerDensity {
  const part = (r: number, scale: number, exponent: number): LogDensityAt => {
    const q = (r / scale) ** 2
    const b = q / (1 + q)
    return {
      log: exponent * Math.log1p(q),
      first: 2 * exponent * b,
      second: 4 * exponent * b * (1 - b),
      third: 8 * exponent * b * (1 - b) * (1 - 2 * b),
    }
  }
  return {
    at(r) {
      const stars = part(r, 1, -power / 2)
      const anisotropy = part(r, rA, beta0 - 1)
      return {
        log: stars.log + anisotropy.log - 2 * beta0 * Math.log(r),
        first: stars.first + anisotropy.first - 2 * beta0,
        second: stars.second + anisotropy.second,
        third: stars.third + anisotropy.third,
      }
    },
  }
}
