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

/** The logarithm of the mean of e^values; -Infinity where all of them are. NaN among the values gives NaN. */
export function logMeanExp(values: ArrayLike<number>): number {
  let top = -Infinity
  for (let i = 0; i < values.length; i++) top = Math.max(top, values[i])
  if (top === -Infinity) return top
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += Math.exp(values[i] - top)
  return top + Math.log(sum / values.length)
}
