import { logSumExp } from './logSumExp.js'

/** Weights that sum to 1, from logarithms up to a constant. */
export function normalisedWeights(logWeights: ArrayLike<number>): Float64Array {
  const total = logSumExp(logWeights)
  return Float64Array.from(logWeights, log => Math.exp(log - total))
}

/** Weights relative to the largest, from logarithms up to a constant; all 0 where the largest is not finite. */
export function relativeWeights(logWeights: ArrayLike<number>): Float64Array {
  let top = -Infinity
  for (let i = 0; i < logWeights.length; i++) top = Math.max(top, logWeights[i])
  if (!Number.isFinite(top)) return new Float64Array(logWeights.length)
  return Float64Array.from(logWeights, log => Math.exp(log - top))
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
