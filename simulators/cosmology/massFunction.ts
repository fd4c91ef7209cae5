import { type Cosmology, meanMatterDensity } from './cosmology.js'
import { type PowerSpectrum, topHat } from './powerSpectrum.js'

/** dn/dlnM in (h/Mpc)^3 at a mass in Msun/h. */
export type MassFunction = (mass: number) => number

/**
 * Mass function of a multiplicity f(sigma): dn/dlnM = f(sigma) density/M |dln sigma/dlnM|.
 *
 * @param power at the redshift of the answer, h/Mpc to (Mpc/h)^3
 */
export function massFunction(cosmology: Cosmology, power: PowerSpectrum, multiplicity: Multiplicity): MassFunction {
  const density = meanMatterDensity(cosmology)
  const at = sigmaAndSlope(power)
  return mass => {
    const { sigma, slope } = at(((3 * mass) / (4 * Math.PI * density)) ** (1 / 3))
    return ((multiplicity(sigma) * density) / mass) * (-slope / 3)
  }
}

/** The number of halos above a mass, (h/Mpc)^3: the integral over ln M. */
export function numberAbove(abundance: MassFunction, mass: number, heaviest = 1e16): number {
  const intervals = 60
  const step = Math.log(heaviest / mass) / intervals
  let sum = 0
  for (let i = 0; i <= intervals; i++) {
    const weight = i === 0 || i === intervals ? 1 : i % 2 === 1 ? 4 : 2
    sum += weight * abundance(mass * Math.exp(i * step))
  }
  return (sum * step) / 3
}

/** f(sigma) by the standard deviation of the linear density in spheres of the halo's mass. */
export type Multiplicity = (sigma: number) => number

/**
 * Tinker et al. 2008 (arXiv 0803.2706), equation 3 and table 2, at z = 0: spherical overdensity of 200 times the mean.
 */
export const tinker08: Multiplicity = sigma => 0.186 * ((2.57 / sigma) ** 1.47 + 1) * Math.exp(-1.19 / sigma ** 2)

/**
 * Despali et al. 2016 (arXiv 1507.05627), equations 7 and 12, at z = 0: spherical overdensities, by default the virial
 * one.
 *
 * @param overdensity over the mean matter density
 */
export function despali16(cosmology: Cosmology, overdensity = virialOverdensity(cosmology.omegaM)): Multiplicity {
  const x = Math.log10(overdensity / virialOverdensity(cosmology.omegaM))
  const amplitude = -0.1362 * x + 0.3292
  const a = 0.4332 * x * x + 0.2263 * x + 0.7665
  const p = -0.1151 * x * x + 0.2554 * x + 0.2488
  // Kitayama and Suto 1996: the spherical threshold of a flat universe
  const threshold = 0.15 * (12 * Math.PI) ** (2 / 3) * (1 + 0.0123 * Math.log10(cosmology.omegaM))
  return sigma => {
    const nu = a * (threshold / sigma) ** 2
    // 2 nu f(nu), for dln nu = 2 dln(1/sigma)
    return 2 * amplitude * (1 + nu ** -p) * Math.sqrt(nu / (2 * Math.PI)) * Math.exp(-nu / 2)
  }
}

/** Bryan and Norman 1998 (astro-ph/9710107), equation 6: over the mean matter density of a flat universe at z = 0. */
export function virialOverdensity(omegaM: number): number {
  const x = omegaM - 1
  return (18 * Math.PI ** 2 + 82 * x - 39 * x * x) / omegaM
}

/** sigma(R) and dln sigma / dlnR by Simpson's rule over ln k; the spectrum is evaluated once. */
function sigmaAndSlope(power: PowerSpectrum): (radius: number) => { sigma: number; slope: number } {
  const intervals = 1024
  const [from, to] = [Math.log(1e-4), Math.log(50)]
  const step = (to - from) / intervals
  const k = Float64Array.from({ length: intervals + 1 }, (_, i) => Math.exp(from + i * step))
  const weights = k.map(
    (k, i) => ((i === 0 || i === intervals ? 1 : i % 2 === 1 ? 4 : 2) * step * k ** 3 * power(k)) / 3,
  )
  return radius => {
    let variance = 0
    let derivative = 0
    for (let i = 0; i <= intervals; i++) {
      const x = k[i] * radius
      const w = topHat(x)
      variance += weights[i] * w * w
      // dW/dln x = 3 (sin x / x - W)
      derivative += weights[i] * 6 * w * ((x < 0.05 ? 1 - (x * x) / 6 + x ** 4 / 120 : Math.sin(x) / x) - w)
    }
    return { sigma: Math.sqrt(variance / (2 * Math.PI ** 2)), slope: derivative / variance / 2 }
  }
}
