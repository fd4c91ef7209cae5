import { type Key, randomWords, uniform } from '../../core/index.js'
import { logGamma } from '../../core/logGamma.js'

/**
 * How many stars a galaxy has: always the same, Poisson about a mean, or a number of its own, uniform in its logarithm.
 */
export type StarCount =
  | { readonly kind: 'exact'; readonly stars: number }
  | { readonly kind: 'poisson'; readonly mean: number }
  | { readonly kind: 'log-uniform'; readonly low: number; readonly high: number }

/** No galaxy drawn by `poisson` has fewer stars: fewer leave nothing to infer. */
export const fewestStars = 10

export function drawStarCount(key: Key, count: StarCount | number): number {
  if (typeof count === 'number') return count
  switch (count.kind) {
    case 'exact':
      return count.stars
    case 'poisson':
      return Math.max(fewestStars, poisson(key, count.mean))
    case 'log-uniform':
      return Math.round(count.low * (count.high / count.low) ** uniform(key, 1)[0])
  }
}

/**
 * A Poisson number by inversion of its distribution from the mode outwards, in about sqrt(mean) steps.
 */
export function poisson(key: Key, mean: number): number {
  const [high, low] = randomWords(key, 2)
  let rest = ((high >>> 5) * 2 ** 26 + (low >>> 6) + 0.5) * 2 ** -53
  const mode = Math.floor(mean)
  const peak = Math.exp(mode * Math.log(mean) - mean - logGamma(mode + 1))
  let above = peak
  let below = peak
  rest -= peak
  if (rest < 0) return mode
  for (let step = 1; ; step++) {
    above *= mean / (mode + step)
    rest -= above
    if (rest < 0 || above + below < 1e-18) return mode + step
    if (step > mode) continue
    below *= (mode - step + 1) / mean
    rest -= below
    if (rest < 0) return mode - step
  }
}
