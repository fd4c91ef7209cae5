const nodes = 20_000

/**
 * log of the integral of exp(log) over a range beyond which it vanishes: the midpoint rule, exact to rounding for
 * smooth densities.
 */
export function logIntegral(log: (x: number) => number, range: readonly [number, number]): number {
  const logs = gridOf(range).map(log)
  const top = logs.reduce((a, b) => Math.max(a, b), -Infinity)
  return top + Math.log((logs.reduce((sum, l) => sum + Math.exp(l - top), 0) * (range[1] - range[0])) / nodes)
}

/** The mean of `of` under the density exp(log), normalised over the range. */
export function integrated(
  of: (x: number) => number,
  log: (x: number) => number,
  range: readonly [number, number],
): number {
  const grid = gridOf(range)
  const logs = grid.map(log)
  const top = logs.reduce((a, b) => Math.max(a, b), -Infinity)
  const weights = logs.map(l => Math.exp(l - top))
  return grid.reduce((sum, x, i) => sum + weights[i] * of(x), 0) / weights.reduce((a, b) => a + b, 0)
}

/** Middles of cells, so that a jump at a cell's edge falls between nodes. */
const gridOf = ([low, high]: readonly [number, number]): number[] =>
  Array.from({ length: nodes }, (_, i) => low + ((high - low) * (i + 0.5)) / nodes)
