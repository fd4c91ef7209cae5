/** Where a noise level lies among those of a table. */
export interface BetweenLevels {
  /** Places of the levels on either side; the same beyond the ends of the table */
  readonly low: number
  readonly high: number
  /** How far from low to high, linear in log sigma */
  readonly share: number
}

/** @param levels ascending noise levels, at least one */
export function betweenLevels(levels: readonly number[], sigma: number): BetweenLevels {
  const high = levels.findIndex(level => level >= sigma)
  if (high === 0) return { low: 0, high: 0, share: 0 }
  if (high < 0) return { low: levels.length - 1, high: levels.length - 1, share: 0 }
  return { low: high - 1, high, share: Math.log(sigma / levels[high - 1]) / Math.log(levels[high] / levels[high - 1]) }
}
