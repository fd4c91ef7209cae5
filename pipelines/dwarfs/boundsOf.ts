import type { DwarfPrior, Interval } from '../../simulators/index.js'

/** Where each parameter can lie under the prior. */
export function boundsOf(prior: DwarfPrior): Interval[] {
  const stars: Interval = [
    prior.log10_r_s[0] + Math.log10(prior.r_star_over_r_s[0]),
    prior.log10_r_s[1] + Math.log10(prior.r_star_over_r_s[1]),
  ]
  const anisotropy: Interval = [
    stars[0] + Math.log10(prior.r_a_over_r_star[0]),
    stars[1] + Math.log10(prior.r_a_over_r_star[1]),
  ]
  return [prior.gamma, prior.log10_r_s, prior.log10_rho_0, stars, prior.beta_0, anisotropy]
}
