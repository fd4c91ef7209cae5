import { UsageError } from '../../../core/index.js'
import type { Schedule } from '../schedules.js'
import type { Bound } from './elbo.js'

/**
 * A schedule with the ends of another that draws the levels of part i of t in proportion to shares[i]: Neyman's
 * allocation, where the shares are the spreads that a pilot found (`spreadOfParts`). A tenth of the draws stays even,
 * so that no level is forgotten that the pilot found quiet by luck.
 *
 * @param shares not negative, not all 0
 */
export function importanceSchedule(base: Schedule, shares: ArrayLike<number>): Schedule {
  const parts = shares.length
  const total = Array.from(shares).reduce((sum, share) => sum + share, 0)
  if (!(total > 0 && Number.isFinite(total)) || Array.from(shares).some(share => share < 0)) {
    throw new UsageError(
      'expected shares of at least 0, not all 0',
      `got a sum of ${total}`,
      'take the spreads of a pilot',
    )
  }
  const chances = Array.from(shares, share => 0.1 / parts + (0.9 * share) / total)
  const edges = [0]
  for (const chance of chances) edges.push(edges[edges.length - 1] + chance)
  const place = (t: number) => {
    let part = 0
    while (part < parts - 1 && t >= edges[part + 1]) part++
    // at the ends exactly the ends of the base, whatever the sum of the chances rounds to
    const inside = t >= 1 ? 1 : (t - edges[part]) / chances[part]
    return { t: t >= 1 ? 1 : (part + inside) / parts, stretch: 1 / (parts * chances[part]) }
  }
  return {
    name: `${base.name}, by importance`,
    logSnr: t => base.logSnr(place(t).t),
    slope: t => {
      const there = place(t)
      return base.slope(there.t) * there.stretch
    },
  }
}

/**
 * Standard deviation of the parts `[sweeps, strata, batch]` of a pilot's bound, or of a difference of two, by stratum:
 * `[strata]`, over clouds in quadrature.
 */
export function spreadOfParts(parts: Float64Array, strata: number, sweeps: number): Float64Array {
  const batch = parts.length / (strata * sweeps)
  return Float64Array.from({ length: strata }, (_, stratum) => {
    let square = 0
    for (let cloud = 0; cloud < batch; cloud++) {
      const part = (sweep: number) => parts[(sweep * strata + stratum) * batch + cloud]
      let mean = 0
      for (let sweep = 0; sweep < sweeps; sweep++) mean += part(sweep) / sweeps
      for (let sweep = 0; sweep < sweeps; sweep++) square += (part(sweep) - mean) ** 2 / (sweeps - 1)
    }
    return Math.sqrt(square)
  })
}

/**
 * Shares for a posterior: the spread of the differences between bounds of a pilot, the first against each other one, on
 * the same noise. What all thetas have in common costs a sampler nothing. Take thetas about a posterior deviation
 * apart.
 */
export function sharesOfDifferences([first, ...others]: readonly Bound[]): Float64Array {
  const squares = new Float64Array(first.strata)
  for (const other of others) {
    const apart = other.parts.map((part, i) => part - first.parts[i])
    spreadOfParts(apart, first.strata, first.sweeps).forEach((spread, stratum) => {
      squares[stratum] += spread ** 2
    })
  }
  return squares.map(Math.sqrt)
}
