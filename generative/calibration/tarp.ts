import { kolmogorovBand, kolmogorovUniform } from './kolmogorov.js'

/** Expected coverage of balls about random places: where the posterior is right, `coverage` is `level`. */
export interface Tarp {
  readonly levels: Float64Array
  /** share of truths that lie nearer to their reference point than all but `level` of the draws */
  readonly coverage: Float64Array
  /**
   * half-width of the band that an exact posterior leaves somewhere with probability `alpha`: simultaneous, by
   * Kolmogorov
   */
  readonly band: number
  readonly alpha: number
  /** probability of a larger distance by chance */
  readonly p: number
  readonly within: boolean
}

/**
 * The share of `draws` that are nearer to `reference` than the truth: the credibility of the truth in TARP (Lemos et
 * al. 2023, arXiv 2302.03026, algorithm 2), Euclidean in coordinates where the prior is the unit cube.
 *
 * @param draws `[count, dim]`
 * @param tie   in (0, 1): where the truth stands among the `count + 1` places, so that the share has no steps
 */
export function tarpShare(truth: Float64Array, draws: Float64Array, reference: ArrayLike<number>, tie: number): number {
  const dim = truth.length
  const count = draws.length / dim
  const distance = (points: Float64Array, at: number): number => {
    let sum = 0
    for (let i = 0; i < dim; i++) sum += (points[at + i] - reference[i]) ** 2
    return sum
  }
  const own = distance(truth, 0)
  let nearer = 0
  for (let draw = 0; draw < count; draw++) if (distance(draws, draw * dim) < own) nearer++
  return (nearer + tie) / (count + 1)
}

/** The curve and its verdict; `shares` of many galaxies, see `tarpShare`. */
export function tarpCurve(shares: ArrayLike<number>, levels: ArrayLike<number>, alpha: number): Tarp {
  const sorted = Float64Array.from(shares).sort()
  const coverage = Float64Array.from(levels, level => {
    let below = 0
    while (below < sorted.length && sorted[below] < level) below++
    return below / sorted.length
  })
  const { p } = kolmogorovUniform(sorted)
  return {
    levels: Float64Array.from(levels),
    coverage,
    band: kolmogorovBand(sorted.length, alpha),
    alpha,
    p,
    within: p >= alpha,
  }
}
