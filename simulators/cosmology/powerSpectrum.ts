import type { Cosmology } from './cosmology.js'
import { eisensteinHu } from './eisensteinHu.js'
import { growthFactor } from './growth.js'

/** P(k) in (Mpc/h)^3 at wave number k in h/Mpc. */
export type PowerSpectrum = (k: number) => number

/** Linear matter power spectrum at scale factor `a` (1 today): Eisenstein-Hu shape, normalised to sigma_8 today. */
export function linearPower(cosmology: Cosmology, a = 1): PowerSpectrum {
  const transfer = eisensteinHu(cosmology)
  const shape = (k: number) => (k > 0 ? k ** cosmology.nS * transfer(k) ** 2 : 0)
  const growth = a === 1 ? 1 : growthFactor(cosmology, a) / growthFactor(cosmology, 1)
  const amplitude = (cosmology.sigma8 * growth) ** 2 / varianceInSpheres(shape, 8)
  return k => amplitude * shape(k)
}

/** Fourier transform of a sphere of unit volume: 3 (sin x - x cos x) / x^3. */
export function topHat(x: number): number {
  // the difference cancels for small x: the series is exact to 1e-9 there
  return x < 0.05 ? 1 - (x * x) / 10 + x ** 4 / 280 : (3 * (Math.sin(x) - x * Math.cos(x))) / x ** 3
}

/**
 * Variance of the density in spheres of radius R (Mpc/h): the integral of k^3 P(k) W(kR)^2 / (2 pi^2) over ln k.
 *
 * @param range wave numbers in h/Mpc between which `power` is known
 */
export function varianceInSpheres(
  power: PowerSpectrum,
  radius: number,
  range: readonly [number, number] = [1e-5, 1e2],
): number {
  const intervals = 4096
  const from = Math.log(range[0])
  const step = (Math.log(range[1]) - from) / intervals
  let sum = 0
  for (let i = 0; i <= intervals; i++) {
    const k = Math.exp(from + i * step)
    const weight = i === 0 || i === intervals ? 1 : i % 2 === 1 ? 4 : 2
    sum += weight * k ** 3 * power(k) * topHat(k * radius) ** 2
  }
  return (sum * step) / 3 / (2 * Math.PI ** 2)
}

/**
 * Standard deviation of the density smoothed over the mass M (Msun/h), given the mean density (Msun/h per (Mpc/h)^3).
 */
export function sigmaOfMass(
  power: PowerSpectrum,
  mass: number,
  density: number,
  range?: readonly [number, number],
): number {
  return Math.sqrt(varianceInSpheres(power, ((3 * mass) / (4 * Math.PI * density)) ** (1 / 3), range))
}
