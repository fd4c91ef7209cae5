/**
 * Quantiles of weighted values: the weighted distribution function, straight between the midpoints of its steps. Equal
 * weights give the midpoint rule (Hazen's; type 5 of Hyndman and Fan 1996).
 *
 * @param weights  not negative; all equal where absent
 */
export function quantiles(values: ArrayLike<number>, shares: readonly number[], weights?: ArrayLike<number>): number[] {
  if (weights === undefined) {
    const ascending = Float64Array.from(values).sort()
    const n = ascending.length
    return shares.map(share => {
      const place = Math.min(Math.max(share * n - 0.5, 0), n - 1)
      const below = Math.floor(place)
      const above = Math.min(below + 1, n - 1)
      // Not a difference of the two: both may be infinite
      return place === below
        ? ascending[below]
        : ascending[below] * (below + 1 - place) + ascending[above] * (place - below)
    })
  }
  const order = Array.from({ length: values.length }, (_, i) => i).filter(i => weights[i] > 0)
  order.sort((a, b) => values[a] - values[b])
  const total = order.reduce((sum, i) => sum + weights[i], 0)
  const middle = new Float64Array(order.length)
  let sum = 0
  order.forEach((i, at) => {
    middle[at] = (sum + weights[i] / 2) / total
    sum += weights[i]
  })
  return shares.map(share => {
    let at = 0
    while (at < middle.length && middle[at] < share) at++
    if (at === 0) return values[order[0]]
    if (at === middle.length) return values[order[at - 1]]
    const part = (share - middle[at - 1]) / (middle[at] - middle[at - 1])
    return values[order[at - 1]] * (1 - part) + values[order[at]] * part
  })
}
