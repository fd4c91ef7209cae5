import { abelConstant, type InvertedGrid, invert } from './inversion.js'
import { makeDwarfModel } from './model.js'
import { plummerTracer } from './plummer.js'
import type { DwarfTheta } from './prior.js'

/** A galaxy that can exist: its stars' distribution function is nowhere negative (or was clipped). */
export interface ValidDistribution {
  readonly kind: 'valid'
  readonly theta: DwarfTheta
  readonly grid: InvertedGrid
}

/** No distribution of orbits gives these stars this anisotropy in this potential. */
export interface NegativeDistribution {
  readonly kind: 'negative'
  readonly theta: DwarfTheta
  /** Q in (km/s)^2 where f_Q is most negative beside its neighbourhood, and the radius in kpc with psi(r) = Q */
  readonly at: number
  readonly radius: number
  /** How many stars the negative part would hold, as a share of all */
  readonly share: number
}

export type DwarfDistribution = ValidDistribution | NegativeDistribution

/**
 * The grid goes from r_star / 314 (3e-8 of the stars are further in) to 10^4 r_star. f_Q at the energies of still
 * smaller circles is not computed.
 */
const innerShare = Math.exp(-5.75)
const outerShare = Math.exp(9.25)

/**
 * f(E, L) = L^(-2 beta_0) f_Q(Q) of the stars of a galaxy. A value counts as negative where it is below zero by more
 * than a millionth of the sum of the absolute values of its terms.
 *
 * @param options.clip  set negative values to zero, as other codes do: the galaxy then has neither the density nor
 *   the anisotropy of theta
 */
export function distributionFunction(theta: DwarfTheta, options: { readonly clip?: boolean } = {}): DwarfDistribution {
  const { rStar, rA, spherical } = makeDwarfModel(theta)
  const anisotropy = { beta0: theta.beta_0, rA }
  const grid = invert(plummerTracer(rStar), spherical, anisotropy, [rStar * innerShare, rStar * outerShare])
  const { f, noise } = grid
  let worst = -1
  for (let i = 0; i < f.length; i++) {
    if (f[i] < -noise[i] && (worst < 0 || f[i] / noise[i] < f[worst] / noise[worst])) worst = i
  }
  if (worst >= 0 && !options.clip) {
    return { kind: 'negative', theta, at: grid.psi[worst], radius: grid.r[worst], share: negativeShare(grid) }
  }
  for (let i = 0; i < f.length; i++) f[i] = Math.max(0, f[i])
  return { kind: 'valid', theta, grid }
}

/**
 * Stars below zero: those at radius r with Q in dQ are 4 pi r^2 dr nu(r) / rho_Q(r) C (psi - Q)^(1/2 - beta_0) f_Q dQ.
 * By sums over the grid, to a few percent.
 */
function negativeShare({ anisotropy, r, psi, depth, f, noise }: InvertedGrid): number {
  const { beta0, rA } = anisotropy
  const constant = abelConstant(beta0)
  const step = Math.log(r[1] / r[0])
  let negative = 0
  for (let k = 1; k + 1 < f.length; k++) {
    if (f[k] >= -noise[k]) continue
    let states = 0
    for (let i = 0; i < k; i++) {
      const perRhoQ = r[i] ** (-2 * beta0) * (1 + (r[i] / rA) ** 2) ** (beta0 - 1)
      states += r[i] ** 3 * perRhoQ * (depth[k] - depth[i]) ** (0.5 - beta0)
    }
    negative -= 4 * Math.PI * step * constant * states * f[k] * ((psi[k - 1] - psi[k + 1]) / 2)
  }
  return negative
}
