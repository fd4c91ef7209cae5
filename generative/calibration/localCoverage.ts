import { DataError } from '../../core/index.js'
import { kolmogorovUniform } from './kolmogorov.js'

/** The simulations whose covariate lies in one interval. */
export interface CoverageBin {
  /** the least and the largest value of the covariate there */
  readonly range: readonly [number, number]
  readonly count: number
  /** `[levels]` share of truths that lie within the region of each level */
  readonly coverage: readonly number[]
  /** probability of shares as far from uniform by chance */
  readonly p: number
}

export interface LocalCoverage {
  readonly levels: readonly number[]
  /** the bins of each covariate, ascending */
  readonly covariates: Readonly<Record<string, readonly CoverageBin[]>>
  /** the smallest p of all bins times their number (Bonferroni), at most 1 */
  readonly p: number
  readonly within: boolean
}

export interface LocalCoverageOptions {
  /** default 8 */
  readonly bins?: number
  /** default .5, .68, .95 */
  readonly levels?: readonly number[]
  /** default .01 */
  readonly alpha?: number
}

/** Fewer truths than this in a bin say nothing about a coverage. */
export const fewestTruths = 20
export const usualBins = 8

/**
 * Whether posteriors are calibrated everywhere, not only on average: coverage as a function of what may go wrong, a
 * number of the data or a parameter. The share of draws within the region that ends at the truth (a rank, or
 * `tarpShare`) is uniform given x where the posterior is exact; here it is asked in bins of equally many simulations
 * along each covariate: the local coverage test of Zhao et al. 2021, arXiv 2102.10473, section 3, with a step function
 * for the regression. Given theta instead of x even exact posteriors cover unevenly (a prior's edge draws them
 * inwards): such bins describe, and do not judge; so covariates of theta want `alpha` 0.
 *
 *     const { within, covariates } = localCoverage(shares, { stars: counts })
 *     covariates.stars[0].coverage   // of the simulations with the fewest stars
 *
 * @param shares     `[n]` in [0, 1]
 * @param covariates `[n]` each
 * @throws DataError where lengths differ, or there are fewer than 20 simulations a bin
 */
export function localCoverage(
  shares: ArrayLike<number>,
  covariates: Readonly<Record<string, ArrayLike<number>>>,
  { bins = usualBins, levels = [0.5, 0.68, 0.95], alpha = 0.01 }: LocalCoverageOptions = {},
): LocalCoverage {
  const n = shares.length
  const lengths = Object.values(covariates).map(({ length }) => length)
  if (n < fewestTruths * bins || lengths.some(length => length !== n))
    throw new DataError(
      `expected at least ${fewestTruths * bins} shares for ${bins} bins, and as many values of each covariate`,
      `got ${n} shares and ${lengths.join(', ')} values`,
      'simulate more, or ask for fewer bins',
    )
  const found = Object.fromEntries(
    Object.entries(covariates).map(([name, values]) => {
      const order = Array.from({ length: n }, (_, i) => i).sort((a, b) => values[a] - values[b] || a - b)
      const of = (bin: number): CoverageBin => {
        const members = order.slice(Math.floor((bin * n) / bins), Math.floor(((bin + 1) * n) / bins))
        const own = Float64Array.from(members, i => shares[i]).sort()
        return {
          range: [values[members[0]], values[members[members.length - 1]]],
          count: members.length,
          coverage: levels.map(level => own.filter(share => share <= level).length / own.length),
          p: kolmogorovUniform(own).p,
        }
      }
      return [name, Array.from({ length: bins }, (_, bin) => of(bin))]
    }),
  )
  const all = Object.values(found).flat()
  const p = Math.min(1, all.length * Math.min(...all.map(bin => bin.p)))
  return { levels, covariates: found, p, within: p >= alpha }
}
