/**
 * Kolmogorov and Smirnov's distance of two samples, scaled so that under equality it exceeds 1.63 once in a hundred and
 * 1.95 once in a thousand, whatever the distribution.
 */
export function kolmogorovSmirnov(a: Float64Array, b: Float64Array): number {
  const [x, y] = [Float64Array.from(a).sort(), Float64Array.from(b).sort()]
  let [i, j, widest] = [0, 0, 0]
  while (i < x.length && j < y.length) {
    const at = Math.min(x[i], y[j])
    while (i < x.length && x[i] <= at) i++
    while (j < y.length && y[j] <= at) j++
    widest = Math.max(widest, Math.abs(i / x.length - j / y.length))
  }
  return widest * Math.sqrt((x.length * y.length) / (x.length + y.length))
}
