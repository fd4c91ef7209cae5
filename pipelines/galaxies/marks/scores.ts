/** Order of the points by value, ascending; ties by index, so that it is one order. */
export function orderBy(values: ArrayLike<number>): Int32Array {
  return Int32Array.from({ length: values.length }, (_, i) => i).sort((a, b) => values[a] - values[b] || a - b)
}

/**
 * Normal scores: each value's rank among all as a quantile of the standard normal distribution (van der Waerden 1952).
 */
export function normalScores(values: ArrayLike<number>): Float64Array {
  const out = new Float64Array(values.length)
  orderBy(values).forEach((i, rank) => {
    out[i] = normalQuantile((rank + 0.5) / values.length)
  })
  return out
}

/** Inverse of the standard normal distribution: Acklam's rational approximation, relative error below 1.2e-9. */
export function normalQuantile(p: number): number {
  const low = 0.02425
  if (p < low) return tail(Math.sqrt(-2 * Math.log(p)))
  if (p > 1 - low) return -tail(Math.sqrt(-2 * Math.log(1 - p)))
  const q = p - 0.5
  const r = q * q
  return (q * polynomial(centreNumerator, r)) / polynomial(centreDenominator, r)
}

function tail(q: number): number {
  return polynomial(tailNumerator, q) / polynomial(tailDenominator, q)
}

function polynomial(coefficients: readonly number[], x: number): number {
  return coefficients.reduce((sum, c) => sum * x + c, 0)
}

const centreNumerator = [
  -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2, -3.066479806614716e1,
  2.506628277459239,
]
const centreDenominator = [
  -5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1, 1,
]
const tailNumerator = [
  -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734, 4.374664141464968,
  2.938163982698783,
]
const tailDenominator = [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416, 1]
