import { type Key, normal, UsageError, uniform } from '../../../core/index.js'
import { lnDensityAt, type MassFunction, massAt } from './massFunction.js'
import { type ThetaSpace, termsAt } from './thetaSpace.js'

/** p(N | theta, threshold): how many halos above a mass a volume holds. */
export interface Abundance {
  readonly theta: ThetaSpace
  readonly mass: MassFunction
}

export interface CountOf {
  /** log10 Msun/h */
  readonly threshold: number
  /** (Mpc/h)^3 */
  readonly volume: number
  readonly theta: Readonly<Record<string, number>>
  readonly extrapolate?: boolean
}

/** The lightest threshold that can be asked for at a theta, log10 Msun/h: there the fields of the fit end. */
export function leastThreshold(
  abundance: Abundance,
  theta: Readonly<Record<string, number>>,
  extrapolate = false,
): number {
  return massAt(abundance.mass, termsAt(abundance.theta, theta, extrapolate))(abundance.mass.range[1])
}

/**
 * Mean number of halos above the threshold.
 *
 * @throws UsageError naming the least threshold where it is below the completeness of the fields at this theta
 */
export function meanCount(abundance: Abundance, of: CountOf): number {
  const { mass } = abundance
  const terms = termsAt(abundance.theta, of.theta, of.extrapolate)
  return Math.exp(lnDensityAt(mass, terms, of.threshold)) * requireVolume(of.volume)
}

/**
 * Variance of that number: Poisson's and, beyond it, `mean^2 spread^2`, the spread of the density measured between
 * fields. It is taken to fall as 1 / volume, so the variance over the mean is one figure for all volumes.
 */
export function countVariance(abundance: Abundance, of: CountOf): number {
  const mean = meanCount(abundance, of)
  return mean + (mean * relativeSpread(abundance, of.volume)) ** 2
}

/** A number of halos: Poisson about a log-normal mean. The same key gives the same number. */
export function drawCount(abundance: Abundance, key: Key, of: CountOf): number {
  const spread = relativeSpread(abundance, of.volume)
  const shift = Math.exp(spread * normal(key.split('density'), 1)[0] - (spread * spread) / 2)
  return poisson(key.split('count'), meanCount(abundance, of) * shift)
}

/** Standard deviation of ln n in a volume, Poisson's part left out. */
export function relativeSpread({ mass }: Abundance, volume: number): number {
  return mass.spread * Math.sqrt(mass.volume / requireVolume(volume))
}

function requireVolume(volume: number): number {
  if (!(volume > 0 && Number.isFinite(volume)))
    throw new UsageError('expected a volume above 0, (Mpc/h)^3', `got ${volume}`, 'give the box')
  return volume
}

/** A Poisson number: by counting up the distribution, in parts of at most 500 so that it never underflows. */
export function poisson(key: Key, mean: number): number {
  const parts = Math.max(1, Math.ceil(mean / 500))
  const each = mean / parts
  const u = uniform(key, parts)
  let total = 0
  for (const v of u) {
    let term = Math.exp(-each)
    let sum = term
    let n = 0
    while (v > sum && n < each + 60 * Math.sqrt(each) + 60) {
      n++
      term *= each / n
      sum += term
    }
    total += n
  }
  return total
}
