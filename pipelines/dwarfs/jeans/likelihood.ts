import { DataError } from '../../../core/index.js'
import type { LogDensity } from '../../../generative/posterior/index.js'
import type { Dwarf } from '../../../io/dwarfs/dwarf.js'
import {
  type DwarfPrior,
  type DwarfTheta,
  fromUnitCube,
  jeansInGnfw,
  jeansTable,
  lineOfSightVariance,
  priorNames,
} from '../../../simulators/dwarfs/index.js'

export interface JeansLikelihoodOptions {
  /** km/s where it is known; unknown with a flat prior by default */
  readonly systemicVelocity?: number
  /**
   * Refuses theta beyond the prior's box, for example those without a consistent distribution function. Called where
   * the likelihood is finite.
   */
  readonly accept?: (theta: DwarfTheta) => boolean
}

export interface JeansLikelihood {
  /**
   * of the posterior, up to a constant, at a point of the unit cube: six numbers as in `toUnitCube`, then the systemic
   * velocity if there are seven
   */
  readonly logDensity: LogDensity
  /** 6, or 7 where the systemic velocity has to be sampled */
  readonly dim: 6 | 7
}

/**
 * The unbinned likelihood of stars on the sky, as a function on the prior's unit cube (where the prior is flat):
 *
 *     prod_i Sigma(R_i) N(v_i; v_sys, sigma_los^2(R_i) + err_i^2)
 *
 * with Plummer's surface density Sigma (the same stars say how large the galaxy is) and v_sys integrated out in closed
 * form. With membership probabilities between 0 and 1 each factor is p_i (…) + (1 - p_i) U, U uniform over the disc and
 * the range of velocities observed (Walker et al. 2009, arXiv 0811.1990, eq. 1 with p_i given), and v_sys is a seventh
 * coordinate, flat over that range: the p_i should then not come from the velocities. Stars with p_i = 0 do not count.
 *
 * @throws DataError for a galaxy without stars that belong to it
 */
export function jeansLikelihood(
  dwarf: Dwarf,
  prior: DwarfPrior,
  { systemicVelocity, accept }: JeansLikelihoodOptions = {},
): JeansLikelihood {
  const member = (star: number): number => dwarf.membership?.[star] ?? 1
  const kept = Array.from({ length: dwarf.stars }, (_, star) => star).filter(star => member(star) > 0)
  if (kept.length < 2) {
    throw new DataError(
      'expected two stars or more that belong to the galaxy',
      `got ${kept.length} of ${dwarf.stars} with a membership above 0`,
      'look at the table of stars',
    )
  }
  const squares = Float64Array.from(kept, star => dwarf.positions[2 * star] ** 2 + dwarf.positions[2 * star + 1] ** 2)
  const logRadii = squares.map(square => Math.log(square) / 2)
  const errors = Float64Array.from(kept, star => dwarf.velocityErrors[star] ** 2)
  const raw = Float64Array.from(kept, star => dwarf.velocities[star])
  // numbers near zero, so that their squares do not drown the dispersion
  const origin = systemicVelocity ?? raw.reduce((sum, v) => sum + v, 0) / raw.length
  const velocities = raw.map(v => v - origin)
  const shares = Float64Array.from(kept, member)
  const mixed = shares.some(p => p < 1)
  const lows = priorNames.map(name => prior[name][0])
  const widths = priorNames.map(name => prior[name][1] - prior[name][0])
  const lowest = velocities.reduce((a, b) => Math.min(a, b), Infinity)
  const range = velocities.reduce((a, b) => Math.max(a, b), -Infinity) - lowest
  const uniform = 1 / (Math.PI * squares.reduce((a, b) => Math.max(a, b), 0) * range)
  if (mixed && !Number.isFinite(uniform)) {
    throw new DataError(
      'expected stars at different places and velocities',
      'got all alike',
      'look at the table of stars',
    )
  }
  const dim = mixed && systemicVelocity === undefined ? 7 : 6
  const table = jeansTable()

  /** Members alone: v_sys known, or integrated out over all of R. */
  const allMembers = (scale: number): number => {
    const logScale = Math.log(scale) / 2
    let logs = -2 * kept.length * logScale
    let weight = 0
    let first = 0
    let second = 0
    for (let i = 0; i < squares.length; i++) {
      const variance = lineOfSightVariance(table, logRadii[i] - logScale) + errors[i]
      const spread = (1 + squares[i] / scale) ** 2
      logs -= Math.log(variance * spread * spread) / 2
      const pull = velocities[i] / variance
      weight += 1 / variance
      first += pull
      second += pull * velocities[i]
    }
    if (systemicVelocity !== undefined) return logs - second / 2
    return logs - (second - (first * first) / weight + Math.log(weight)) / 2
  }

  /** Members and others. */
  const mixture = (scale: number, systemic: number): number => {
    const logScale = Math.log(scale) / 2
    let logs = 0
    for (let i = 0; i < squares.length; i++) {
      const variance = lineOfSightVariance(table, logRadii[i] - logScale) + errors[i]
      const surface = 1 / (Math.PI * scale * (1 + squares[i] / scale) ** 2)
      const off = velocities[i] - systemic
      const own = (surface * Math.exp((-off * off) / (2 * variance))) / Math.sqrt(2 * Math.PI * variance)
      logs += Math.log(shares[i] * own + (1 - shares[i]) * uniform)
    }
    return logs
  }

  const logDensity: LogDensity = u => {
    for (const x of u) if (!(x > 0 && x < 1)) return -Infinity
    const r_s = 10 ** (lows[1] + widths[1] * u[1])
    const r_star = r_s * (lows[3] + widths[3] * u[3])
    const halo = { gamma: lows[0] + widths[0] * u[0], r_s, rho_0: 10 ** (lows[2] + widths[2] * u[2]) }
    const r_a = r_star * (lows[5] + widths[5] * u[5])
    jeansInGnfw({ r_star, beta_0: lows[4] + widths[4] * u[4], r_a }, halo, table)
    const systemic = dim === 7 ? lowest + range * u[6] : 0
    const log = mixed ? mixture(r_star * r_star, systemic) : allMembers(r_star * r_star)
    if (!Number.isFinite(log)) return -Infinity
    return accept && !accept(fromUnitCube(u, prior)) ? -Infinity : log
  }
  return { logDensity, dim }
}
