/**
 * The central interval of a binomial count: at most (1 - share) / 2 of the probability lies beyond either end. Exact,
 * by summing the probabilities.
 *
 * @param n  trials
 * @param p  probability of each
 */
export function binomialInterval(n: number, p: number, share: number): readonly [low: number, high: number] {
  if (p <= 0) return [0, 0]
  if (p >= 1) return [n, n]
  const tail = (1 - share) / 2
  // Probabilities relative to that of the mode, which cannot overflow, outwards until they no longer count
  const mode = Math.min(n, Math.floor((n + 1) * p))
  const odds = p / (1 - p)
  const up: number[] = [1]
  for (let k = mode + 1, value = 1; k <= n; k++) {
    value *= ((n - k + 1) / k) * odds
    if (value < 1e-18) break
    up.push(value)
  }
  const down: number[] = []
  for (let k = mode - 1, value = 1; k >= 0; k--) {
    value *= (k + 1) / (n - k) / odds
    if (value < 1e-18) break
    down.push(value)
  }
  const first = mode - down.length
  const all = [...down.reverse(), ...up]
  const total = all.reduce((a, b) => a + b, 0)
  let [low, below] = [first, 0]
  for (const value of all) {
    below += value / total
    if (below > tail) break
    low++
  }
  let [high, above] = [first + all.length - 1, 0]
  for (const value of all.reverse()) {
    above += value / total
    if (above > tail) break
    high--
  }
  return [low, high]
}
