/** Where stars gather on a plane. */
export interface PlaneCentre {
  readonly x: number
  readonly y: number
  /** one standard deviation of either coordinate */
  readonly error: number
}

/**
 * The most likely centre of stars that follow Plummer's surface density (1 + R^2/a^2)^-2: each star weighs membership /
 * (1 + R^2/a^2), with a the median radius, over again until it stays. Stars far out, which a plain mean follows, weigh
 * little.
 *
 * @param positions  `[stars, 2]`, finite
 */
export function plummerCentre(positions: Float64Array, membership?: ArrayLike<number>): PlaneCentre {
  const stars = positions.length / 2
  const weights = Float64Array.from({ length: stars }, (_, i) => membership?.[i] ?? 1)
  const members = weights.reduce((a, b) => a + b, 0)
  let x = middle(positions, 0, weights, members)
  let y = middle(positions, 1, weights, members)
  let scale = 0
  for (let pass = 0; pass < 100; pass++) {
    const radii = Float64Array.from({ length: stars }, (_, i) =>
      Math.hypot(positions[2 * i] - x, positions[2 * i + 1] - y),
    )
    scale = medianOf(radii, weights, members)
    if (!(scale > 0)) break
    let [total, sumX, sumY] = [0, 0, 0]
    for (let i = 0; i < stars; i++) {
      const weight = weights[i] / (1 + (radii[i] / scale) ** 2)
      total += weight
      sumX += weight * positions[2 * i]
      sumY += weight * positions[2 * i + 1]
    }
    const moved = Math.hypot(sumX / total - x, sumY / total - y)
    x = sumX / total
    y = sumY / total
    if (moved < 1e-9 * scale) break
  }
  // The Fisher information of a Plummer disc's centre is 4 / (3 a^2) a star and coordinate.
  return { x, y, error: scale * Math.sqrt(0.75 / members) }
}

function middle(positions: Float64Array, axis: number, weights: Float64Array, members: number): number {
  return medianOf(
    weights.map((_, i) => positions[2 * i + axis]),
    weights,
    members,
  )
}

function medianOf(values: Float64Array, weights: Float64Array, total: number): number {
  const order = Array.from(values.keys()).sort((a, b) => values[a] - values[b])
  let below = 0
  for (const i of order) {
    below += weights[i]
    if (below >= total / 2) return values[i]
  }
  return values[order[order.length - 1]]
}
