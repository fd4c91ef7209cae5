import type { Cosmology } from './cosmology.js'

/**
 * Transfer function of cold dark matter and baryons with acoustic oscillations.
 * Eisenstein and Hu 1998, arXiv astro-ph/9709112, equations 2 to 24 (their k is in 1/Mpc; here it is in h/Mpc).
 *
 * @returns T(k), 1 as k goes to 0
 */
export function eisensteinHu(cosmology: Cosmology): (k: number) => number {
  const { omegaM, omegaB, h, tCmb = 2.7255 } = cosmology
  const matter = omegaM * h * h
  const baryons = omegaB * h * h
  const baryonShare = omegaB / omegaM
  const coldShare = 1 - baryonShare
  const theta27 = tCmb / 2.7

  // equations 2 to 6: equality, drag epoch, sound horizon
  const zEquality = 2.5e4 * matter * theta27 ** -4
  const kEquality = 7.46e-2 * matter * theta27 ** -2
  const b1 = 0.313 * matter ** -0.419 * (1 + 0.607 * matter ** 0.674)
  const b2 = 0.238 * matter ** 0.223
  const zDrag = ((1291 * matter ** 0.251) / (1 + 0.659 * matter ** 0.828)) * (1 + b1 * baryons ** b2)
  const momentumRatio = (z: number) => 31.5 * baryons * theta27 ** -4 * (1000 / z)
  const ratioAtDrag = momentumRatio(zDrag)
  const ratioAtEquality = momentumRatio(zEquality)
  const soundHorizon =
    (2 / (3 * kEquality)) *
    Math.sqrt(6 / ratioAtEquality) *
    Math.log((Math.sqrt(1 + ratioAtDrag) + Math.sqrt(ratioAtDrag + ratioAtEquality)) / (1 + Math.sqrt(ratioAtEquality)))
  // equation 7: Silk damping
  const kSilk = 1.6 * baryons ** 0.52 * matter ** 0.73 * (1 + (10.4 * matter) ** -0.95)

  // equations 11 and 12: cold dark matter
  const a1 = (46.9 * matter) ** 0.67 * (1 + (32.1 * matter) ** -0.532)
  const a2 = (12 * matter) ** 0.424 * (1 + (45 * matter) ** -0.582)
  const alphaC = a1 ** -baryonShare * a2 ** -(baryonShare ** 3)
  const c1 = 0.944 / (1 + (458 * matter) ** -0.708)
  const c2 = (0.395 * matter) ** -0.0266
  const betaC = 1 / (1 + c1 * (coldShare ** c2 - 1))

  // equations 14, 15, 23 and 24: baryons
  const y = (1 + zEquality) / (1 + zDrag)
  const root = Math.sqrt(1 + y)
  const g = y * (-6 * root + (2 + 3 * y) * Math.log((root + 1) / (root - 1)))
  const alphaB = 2.07 * kEquality * soundHorizon * (1 + ratioAtDrag) ** -0.75 * g
  const betaB = 0.5 + baryonShare + (3 - 2 * baryonShare) * Math.sqrt((17.2 * matter) ** 2 + 1)
  const betaNode = 8.41 * matter ** 0.435

  // equations 19 and 20
  const pressureless = (q: number, alpha: number, beta: number) => {
    const logarithm = Math.log(Math.E + 1.8 * beta * q)
    return logarithm / (logarithm + (14.2 / alpha + 386 / (1 + 69.9 * q ** 1.08)) * q * q)
  }

  return kOverH => {
    if (kOverH === 0) return 1
    const k = kOverH * h
    const q = k / (13.41 * kEquality)
    const ks = k * soundHorizon
    const blend = 1 / (1 + (ks / 5.4) ** 4)
    const cold = blend * pressureless(q, 1, betaC) + (1 - blend) * pressureless(q, alphaC, betaC)
    const shifted = ks / (1 + (betaNode / ks) ** 3) ** (1 / 3)
    const oscillation = Math.sin(shifted) / shifted
    const baryon =
      (pressureless(q, 1, 1) / (1 + (ks / 5.2) ** 2) +
        (alphaB / (1 + (betaB / ks) ** 3)) * Math.exp(-((k / kSilk) ** 1.4))) *
      oscillation
    return baryonShare * baryon + coldShare * cold
  }
}
