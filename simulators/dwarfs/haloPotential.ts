import { type GnfwShape, makeGnfw, newtonG } from './gnfw.js'
import type { SphericalPotential } from './inversion.js'

/**
 * Below this distance of gamma from 2 depths are measured from 1 / (2 - gamma) downwards by expm1, else from the
 * centre.
 */
const nearIsothermal = 0.5

/**
 * The relative potential of a generalised NFW halo, in (km/s)^2, with the derivatives that the inversion needs; gamma
 * at most 2.
 */
export function haloPotential({ gamma, r_s, rho_0 }: GnfwShape): SphericalPotential {
  const { enclosedMass } = makeGnfw({ gamma, r_s: 1, rho_0: 1 / (4 * Math.PI) })
  const unit = 4 * Math.PI * newtonG * rho_0 * r_s ** 2
  const p = 2 - gamma
  return {
    at(r) {
      const x = r / r_s
      const t = x / (1 + x)
      const logT = -Math.log1p(1 / x)
      const circular = enclosedMass(x) / x
      // The shells outside x contribute the integral of x^(1 - gamma) (1 + x)^(gamma - 3), elementary in t.
      const outside = p === 0 ? -logT : -Math.expm1(p * logT) / p
      // x^2 rho over V: with it dln V / dln x = k - 1
      const k = Math.exp(p * logT) / (1 + x) / circular
      const slope = k - 1
      const densitySlope = p - (1 + p) * t
      return {
        psi: unit * (circular + outside),
        depth: unit * ((p < nearIsothermal ? -outside : Math.exp(p * logT) / p) - circular),
        circularSquared: unit * circular,
        slope,
        slopeRate: k * (densitySlope - slope),
      }
    },
  }
}
