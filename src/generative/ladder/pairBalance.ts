/** Counts of pairs by separation: equal bins of `width` from 0. Counts may be means over draws, so not whole. */
export interface PairCounts {
  readonly width: number
  readonly counts: Float64Array
}

/**
 * How far apart the two points of a drawn pair must move, by bin of their separation, for drawn pairs to become as many as simulated ones
 * at every separation. Pairs are conserved along r: the number to pass outwards through r is what is drawn too many inside it, so
 *
 *     u(r) = (D(<r) - S(<r)) / n(r),   n the mean of both per unit of r.
 *
 * A surplus that no bin can take is spread as r^3 up to the last one, where u ends at 0.
 *
 * @param most the largest |u|, in the unit of r
 * @returns `[bins]`, in the unit of r, positive where pairs are pushed apart
 */
export function pairBalance(drawn: PairCounts, simulated: PairCounts, most: number): Float64Array {
  const bins = drawn.counts.length
  const sum = (values: Float64Array) => values.reduce((a, b) => a + b, 0)
  const surplus = sum(drawn.counts) - sum(simulated.counts)
  const both = drawn.counts.map((count, b) => (count + simulated.counts[b]) / 2)
  let inside = 0
  return both.map((_, b) => {
    const difference = drawn.counts[b] - simulated.counts[b]
    const passing = inside + difference / 2 - surplus * ((b + 0.5) / bins) ** 3
    inside += difference
    const around = both.subarray(Math.max(0, b - 1), Math.min(bins, b + 2))
    const density = sum(around) / around.length / drawn.width
    return density > 0 ? Math.max(-most, Math.min(most, passing / density)) : 0
  })
}
