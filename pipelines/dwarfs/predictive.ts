import { DataError, type Key, UsageError } from '../../core/index.js'
import { randomStream } from '../../generative/posterior/index.js'
import type { Dwarf } from '../../io/dwarfs/dwarf.js'
import { dwarfNames, jeansInGnfw, jeansTable, lineOfSightVariance } from '../../simulators/dwarfs/index.js'
import { binnedDispersion, type MeasuredDispersion } from './binnedDispersion.js'
import { systemicVelocity } from './systemicVelocity.js'

export interface DispersionBin {
  /** kpc: the innermost and outermost star, and the median */
  readonly low: number
  readonly high: number
  readonly radius: number
  readonly stars: number
  /** km/s, the stars' own, velocity errors taken out */
  readonly observed: MeasuredDispersion
  /** km/s, of the draws: quantiles 2.5%, 16%, 50%, 84% and 97.5% of the dispersion expected of these stars */
  readonly predicted: readonly [number, number, number, number, number]
}

export interface DispersionCheck {
  readonly bins: readonly DispersionBin[]
  /** km/s, subtracted from the velocities */
  readonly systemicVelocity: number
  /**
   * share of draws whose own stars fit them no better than the observed stars do; near 0 where the model cannot make
   * such a profile
   */
  readonly p: number
}

export interface DispersionCheckOptions {
  /** default: one for 20 stars, 1 to 10 */
  readonly bins?: number
  /** at most so many of the draws, evenly; default 500 */
  readonly draws?: number
}

/**
 * A posterior predictive check (Gelman, Meng and Stern 1996) of the dispersion profile, by the Jeans equation. With
 * each draw of theta new velocities are drawn for the same stars, Gaussian about the mean with sigma_los^2(R_i) +
 * err_i^2, and the discrepancy sum_b (S_b - n_b)^2 / (2 n_b), S_b = sum of (v - <v>)^2 / variance over the stars of bin
 * b, of new and observed velocities is compared. The p-value gathers about 1/2 for a right model, so a small one says
 * more than it seems. Stars count by their membership.
 *
 * @param draws `[count, 6]` in the order of `dwarfNames`
 */
export function checkDispersion(
  dwarf: Dwarf,
  draws: Float64Array,
  key: Key,
  options: DispersionCheckOptions = {},
): DispersionCheck {
  const parameters = dwarfNames.length
  const available = draws.length / parameters
  if (!Number.isInteger(available) || available < 1) {
    throw new UsageError(
      `expected draws of ${parameters} parameters`,
      `got ${draws.length} numbers`,
      'give [count, 6] numbers',
    )
  }
  const order = Array.from({ length: dwarf.stars }, (_, star) => star)
    .filter(star => (dwarf.membership?.[star] ?? 1) > 0)
    .sort((a, b) => radiusOf(dwarf, a) - radiusOf(dwarf, b))
  const stars = order.length
  if (stars < 3) throw new DataError('expected three stars or more', `got ${stars}`, 'look at the table of stars')
  const radii = Float64Array.from(order, star => radiusOf(dwarf, star))
  const logRadii = radii.map(Math.log)
  const velocities = Float64Array.from(order, star => dwarf.velocities[star])
  const errors = Float64Array.from(order, star => dwarf.velocityErrors[star])
  const weights = Float64Array.from(order, star => dwarf.membership?.[star] ?? 1)
  const count = Math.max(1, Math.min(options.bins ?? Math.min(10, Math.floor(stars / 20)), Math.floor(stars / 3)))
  const ends = Array.from({ length: count + 1 }, (_, bin) => Math.round((bin * stars) / count))
  const used = Math.min(available, options.draws ?? 500)
  const expected = Array.from({ length: count }, () => new Float64Array(used))
  const variance = new Float64Array(stars)
  const table = jeansTable()
  let worse = 0
  for (let draw = 0; draw < used; draw++) {
    const at = Math.floor((draw * available) / used) * parameters
    fillVariances(draws.subarray(at, at + parameters), logRadii, table, variance)
    for (let bin = 0; bin < count; bin++) expected[bin][draw] = meanSigma(variance, weights, ends[bin], ends[bin + 1])
    for (let i = 0; i < stars; i++) variance[i] += errors[i] ** 2
    const random = randomStream(key.split(draw))
    const again = variance.map(square => random.normal() * Math.sqrt(square))
    if (discrepancy(again, variance, weights, ends) >= discrepancy(velocities, variance, weights, ends)) worse++
  }
  const { mean } = systemicVelocity(velocities, errors, weights)
  const centred = velocities.map(v => v - mean)
  return {
    systemicVelocity: mean,
    p: worse / used,
    bins: expected.map((sigmas, bin) => {
      const [from, to] = [ends[bin], ends[bin + 1]]
      sigmas.sort()
      const quantile = (share: number): number => sigmas[Math.min(used - 1, Math.floor(share * used))]
      return {
        low: radii[from],
        high: radii[to - 1],
        radius: radii[Math.floor((from + to - 1) / 2)],
        stars: to - from,
        observed: binnedDispersion(centred.subarray(from, to), errors.subarray(from, to), weights.subarray(from, to)),
        predicted: [quantile(0.025), quantile(0.16), quantile(0.5), quantile(0.84), quantile(0.975)],
      }
    }),
  }
}

function radiusOf({ positions }: Dwarf, star: number): number {
  return Math.hypot(positions[2 * star], positions[2 * star + 1])
}

/** sigma_los^2 at every star for one theta. */
function fillVariances(
  theta: Float64Array,
  logRadii: Float64Array,
  table: ReturnType<typeof jeansTable>,
  out: Float64Array,
): void {
  const [gamma, logScale, logDensity, logStars, beta_0, logAnisotropy] = theta
  const r_star = 10 ** logStars
  jeansInGnfw(
    { r_star, beta_0, r_a: 10 ** logAnisotropy },
    { gamma, r_s: 10 ** logScale, rho_0: 10 ** logDensity },
    table,
  )
  const own = Math.log(r_star)
  for (let i = 0; i < out.length; i++) out[i] = lineOfSightVariance(table, logRadii[i] - own)
}

function meanSigma(variance: Float64Array, weights: Float64Array, from: number, to: number): number {
  let sum = 0
  let weight = 0
  for (let i = from; i < to; i++) {
    sum += weights[i] * variance[i]
    weight += weights[i]
  }
  return Math.sqrt(sum / weight)
}

function discrepancy(
  velocities: Float64Array,
  variance: Float64Array,
  weights: Float64Array,
  ends: readonly number[],
): number {
  let sum = 0
  let weight = 0
  for (let i = 0; i < velocities.length; i++) {
    sum += (weights[i] * velocities[i]) / variance[i]
    weight += weights[i] / variance[i]
  }
  const mean = sum / weight
  let total = 0
  for (let bin = 0; bin + 1 < ends.length; bin++) {
    let squares = 0
    let members = 0
    for (let i = ends[bin]; i < ends[bin + 1]; i++) {
      squares += (weights[i] * (velocities[i] - mean) ** 2) / variance[i]
      members += weights[i]
    }
    total += (squares - members) ** 2 / (2 * members)
  }
  return total
}
