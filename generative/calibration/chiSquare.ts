import { logGamma } from '../../core/index.js'

/**
 * The probability that chi-square of `degrees` exceeds `statistic`: Q(degrees/2, statistic/2), Abramowitz and Stegun
 * 6.5.29 and 6.5.31.
 */
export function chiSquareTail(statistic: number, degrees: number): number {
  const a = degrees / 2
  const x = statistic / 2
  if (x <= 0) return 1
  const front = Math.exp(a * Math.log(x) - x - logGamma(a))
  if (x < a + 1) {
    let term = 1 / a
    let sum = term
    for (let n = 1; n < 1000 && term > 1e-16 * sum; n++) {
      term *= x / (a + n)
      sum += term
    }
    return 1 - front * sum
  }
  // Lentz's evaluation of the continued fraction
  let b = x + 1 - a
  let c = 1e300
  let d = 1 / b
  let fraction = d
  for (let n = 1; n < 1000; n++) {
    const top = -n * (n - a)
    b += 2
    d = 1 / (top * d + b)
    c = b + top / c
    fraction *= d * c
    if (Math.abs(d * c - 1) < 1e-15) break
  }
  return front * fraction
}
