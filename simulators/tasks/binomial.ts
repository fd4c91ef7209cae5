import { logGamma } from '../../core/index.js'

/** log of n! / (k! (n - k)!) */
function logChoose(n: number, k: number): number {
  return logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1)
}

/** Log-probability of k successes in n trials. */
export function logBinomial(k: number, n: number, p: number): number {
  const [hits, misses] = [k === 0 ? 0 : k * Math.log(p), k === n ? 0 : (n - k) * Math.log1p(-p)]
  return logChoose(n, k) + hits + misses
}

/**
 * The number of successes in n trials that a uniform number u stands for: probabilities are subtracted from u outward
 * from the likeliest number, some sqrt(n p (1 - p)) of them.
 */
export function binomialOf(u: number, n: number, p: number): number {
  if (!(p > 0)) return 0
  if (p >= 1) return n
  const mode = Math.min(n, Math.floor((n + 1) * p))
  const odds = p / (1 - p)
  const atMode = Math.exp(logBinomial(mode, n, p))
  let rest = u - atMode
  let [up, down] = [atMode, atMode]
  for (let away = 1; rest > 0 && (mode + away <= n || mode - away >= 0); away++) {
    const [above, below] = [mode + away, mode - away]
    if (above <= n) {
      up *= (odds * (n - above + 1)) / above
      rest -= up
      if (rest <= 0) return above
    }
    if (below >= 0) {
      down *= (below + 1) / (odds * (n - below))
      rest -= down
      if (rest <= 0) return below
    }
  }
  return mode
}
