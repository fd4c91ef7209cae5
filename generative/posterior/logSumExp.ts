/** log sum exp of the values; -Infinity of none. */
export function logSumExp(values: ArrayLike<number>): number {
  let top = -Infinity
  for (let i = 0; i < values.length; i++) if (values[i] > top) top = values[i]
  if (!Number.isFinite(top)) return top
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += Math.exp(values[i] - top)
  return top + Math.log(sum)
}

/** log(e^a + e^b) */
export function logAddExp(a: number, b: number): number {
  const top = Math.max(a, b)
  return top === -Infinity ? top : top + Math.log1p(Math.exp(Math.min(a, b) - top))
}

/** Weights that sum to 1, from logarithms up to a constant. */
export function normalisedWeights(logWeights: ArrayLike<number>): Float64Array {
  const total = logSumExp(logWeights)
  return Float64Array.from(logWeights, log => Math.exp(log - total))
}

/** Kish's effective number of draws with these weights, (sum w)^2 / sum w^2. */
export function weightedSampleSize(weights: Float64Array): number {
  let sum = 0
  let squares = 0
  for (const w of weights) {
    sum += w
    squares += w * w
  }
  return sum === 0 ? 0 : (sum * sum) / squares
}
