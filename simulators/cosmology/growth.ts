import type { Cosmology } from './cosmology.js'

/** H(a)/H0 of flat LambdaCDM without radiation. */
export function expansion(cosmology: Pick<Cosmology, 'omegaM'>, a: number): number {
  return Math.sqrt(cosmology.omegaM / a ** 3 + 1 - cosmology.omegaM)
}

/**
 * Linear growth factor D(a) of flat LambdaCDM, normalised so that D = a while matter dominates.
 * Heath 1977, MNRAS 179, 351: D = 5/2 omega_m H(a)/H0 times the integral from 0 to a of da' / (a' H(a')/H0)^3.
 */
export function growthFactor(cosmology: Pick<Cosmology, 'omegaM'>, a: number): number {
  // With a = u^2 the integrand is smooth at 0 (~u^4); Simpson's rule then needs few points.
  const intervals = 512
  const step = Math.sqrt(a) / intervals
  let sum = 0
  for (let i = 1; i <= intervals; i++) {
    const u = i * step
    const scale = u * u
    const weight = i === intervals ? 1 : i % 2 === 1 ? 4 : 2
    sum += (weight * 2 * u) / (scale * expansion(cosmology, scale)) ** 3
  }
  return 2.5 * cosmology.omegaM * expansion(cosmology, a) * ((sum * step) / 3)
}

/** f = dlnD/dlna, from the derivative of the integral above. */
export function growthRate(cosmology: Pick<Cosmology, 'omegaM'>, a: number): number {
  const e = expansion(cosmology, a)
  const dLogE = (-1.5 * cosmology.omegaM) / a ** 3 / e ** 2
  return dLogE + (2.5 * cosmology.omegaM) / (a * a * e * e) / growthFactor(cosmology, a)
}
