/**
 * Cubic spline through values at 0, 1, 2 … with ends "not a knot" (the first two and last two cells share a cubic). At
 * least four values.
 *
 * @returns the value at any place from 0 to the last
 */
export function splineThrough(y: Float64Array): (at: number) => number {
  const n = y.length
  const m = secondDerivatives(y)
  return at => {
    const k = Math.min(n - 2, Math.max(0, Math.floor(at)))
    const b = at - k
    const a = 1 - b
    return a * y[k] + b * y[k + 1] + ((a ** 3 - a) * m[k] + (b ** 3 - b) * m[k + 1]) / 6
  }
}

function secondDerivatives(y: Float64Array): Float64Array {
  const n = y.length
  const m = new Float64Array(n)
  const bend = (i: number) => 6 * (y[i - 1] - 2 * y[i] + y[i + 1])
  // m_0 = 2 m_1 - m_2 turns the first row into 6 m_1 = bend(1); likewise at the other end.
  const diagonal = new Float64Array(n)
  const right = new Float64Array(n)
  diagonal[1] = 6
  right[1] = bend(1)
  let upper = 0
  for (let i = 2; i < n - 2; i++) {
    const factor = 1 / diagonal[i - 1]
    diagonal[i] = 4 - factor * upper
    right[i] = bend(i) - factor * right[i - 1]
    upper = 1
  }
  m[n - 2] = bend(n - 2) / 6
  for (let i = n - 3; i > 1; i--) m[i] = (right[i] - m[i + 1]) / diagonal[i]
  m[1] = bend(1) / 6
  m[0] = 2 * m[1] - m[2]
  m[n - 1] = 2 * m[n - 2] - m[n - 3]
  return m
}
