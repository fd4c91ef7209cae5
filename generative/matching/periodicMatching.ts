import { minimumImage, UsageError } from '../../core/index.js'

/** Candidate partners of each point; in clouds of up to so many points, all of them. */
const candidateCount = 96
/** The last tolerance, as a share of the squared mean spacing. */
const defaultTolerance = 0.02
/** Bids a point may make on average at one tolerance before the rest is matched by nearness. */
const bidsPerPoint = 200

export interface MatchingOptions {
  /** how far from the optimum the sum of squared distances may be, a point; default 2% of the squared mean spacing */
  readonly tolerance?: number
}

/**
 * Matches two clouds of as many points on a periodic box so that the sum of squared distances is least, by an auction
 * with decreasing tolerance (Bertsekas 1988, Annals of Operations Research 14, "The auction algorithm"): points bid for
 * partners, a bid raises the price by what the best partner is worth above the second best, plus the tolerance. Exact
 * to points times tolerance where every partner is a candidate (up to 96 points). In larger clouds the some 100 nearest
 * are candidates; a point that finds no partner among them (the number density differs on larger scales) takes the
 * nearest that is free. 5000 points cost a fraction of a second, where the Hungarian method takes minutes.
 *
 * @param from    `[points, dim]`
 * @param to      `[points, dim]`
 * @param lengths of the box, `[dim]`
 * @returns for each point of `from` the index of its partner: a permutation
 */
export function matchPoints(
  from: Float32Array,
  to: Float32Array,
  lengths: readonly number[],
  options: MatchingOptions = {},
): Int32Array {
  const points = from.length / lengths.length
  if (from.length !== to.length)
    throw new UsageError(
      `expected ${from.length} coordinates in both clouds`,
      `got ${to.length} in the second`,
      'match clouds of as many points',
    )
  const partnerOf = new Int32Array(points).fill(-1)
  if (points === 0) return partnerOf
  const spacing2 = (lengths.reduce((a, b) => a * b, 1) / points) ** (2 / lengths.length)
  const last = options.tolerance ?? defaultTolerance * spacing2
  const { offsets, partners, costs } = candidatesOf(from, to, lengths)
  const price = new Float64Array(points)
  const ownerOf = new Int32Array(points).fill(-1)
  for (let tolerance = Math.max(last, spacing2 / 2); ; tolerance = Math.max(last, tolerance / 5)) {
    partnerOf.fill(-1)
    ownerOf.fill(-1)
    auction(tolerance)
    if (tolerance <= last) break
  }
  nearestFree()
  return partnerOf

  /** One round at a tolerance; prices stay from the round before. */
  function auction(tolerance: number): void {
    const queue = Array.from({ length: points }, (_, i) => i)
    for (let bids = 0; queue.length > 0 && bids < bidsPerPoint * points; bids++) {
      const bidder = queue.pop() ?? 0
      let best = -1
      let least = Number.POSITIVE_INFINITY
      let second = Number.POSITIVE_INFINITY
      for (let c = offsets[bidder]; c < offsets[bidder + 1]; c++) {
        const asked = costs[c] + price[partners[c]]
        if (asked < least) {
          second = least
          least = asked
          best = partners[c]
        } else if (asked < second) second = asked
      }
      if (best < 0) continue
      price[best] += (Number.isFinite(second) ? second - least : 0) + tolerance
      const evicted = ownerOf[best]
      if (evicted >= 0) {
        partnerOf[evicted] = -1
        queue.push(evicted)
      }
      ownerOf[best] = bidder
      partnerOf[bidder] = best
    }
  }

  function nearestFree(): void {
    const free = new Set<number>()
    for (let j = 0; j < points; j++) if (ownerOf[j] < 0) free.add(j)
    for (let i = 0; i < points; i++) {
      if (partnerOf[i] >= 0) continue
      let [nearest, least] = [-1, Number.POSITIVE_INFINITY]
      for (const j of free) {
        const d2 = squaredDistance(from, i, to, j, lengths)
        if (d2 < least) [nearest, least] = [j, d2]
      }
      free.delete(nearest)
      partnerOf[i] = nearest
    }
  }
}

/** Sum of squared shortest distances of a matching. */
export function matchingCost(
  from: Float32Array,
  to: Float32Array,
  partners: Int32Array,
  lengths: readonly number[],
): number {
  return partners.reduce((sum, j, i) => sum + squaredDistance(from, i, to, j, lengths), 0)
}

function squaredDistance(
  from: Float32Array,
  i: number,
  to: Float32Array,
  j: number,
  lengths: readonly number[],
): number {
  const dim = lengths.length
  let sum = 0
  for (let a = 0; a < dim; a++) sum += minimumImage(to[dim * j + a] - from[dim * i + a], lengths[a]) ** 2
  return sum
}

interface Candidates {
  readonly offsets: Int32Array
  readonly partners: Int32Array
  readonly costs: Float64Array
}

/** All partners within the radius of a ball that holds `candidateCount` of them on average, or simply all. */
function candidatesOf(from: Float32Array, to: Float32Array, lengths: readonly number[]): Candidates {
  const dim = lengths.length
  const points = from.length / dim
  const volume = lengths.reduce((a, b) => a * b, 1)
  const unitBall = dim === 3 ? (4 * Math.PI) / 3 : dim === 2 ? Math.PI : 2
  const radius =
    points <= candidateCount ? Number.POSITIVE_INFINITY : ((candidateCount * volume) / (points * unitBall)) ** (1 / dim)
  const offsets = new Int32Array(points + 1)
  const partners: number[] = []
  const costs: number[] = []
  // The first axis alone is sorted: a slab of twice the radius holds a third of a cloud of 5000, and the test of one
  // axis is cheap.
  const length = lengths[0]
  const order = Array.from({ length: points }, (_, j) => j).sort((a, b) => place(to[dim * a]) - place(to[dim * b]))
  const places = Float64Array.from(order, j => place(to[dim * j]))
  for (let i = 0; i < points; i++) {
    const x = place(from[dim * i])
    const whole = 2 * radius >= length
    const start = whole ? 0 : lowerBound(places, place(x - radius))
    for (let s = 0; s < points; s++) {
      const at = (start + s) % points
      if (!whole && Math.abs(minimumImage(places[at] - x, length)) > radius) break
      const d2 = squaredDistance(from, i, to, order[at], lengths)
      if (d2 > radius * radius) continue
      partners.push(order[at])
      costs.push(d2)
    }
    offsets[i + 1] = partners.length
  }
  return { offsets, partners: Int32Array.from(partners), costs: Float64Array.from(costs) }

  function place(x: number): number {
    return x - length * Math.floor(x / length)
  }
}

function lowerBound(ascending: Float64Array, value: number): number {
  let [low, high] = [0, ascending.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (ascending[middle] < value) low = middle + 1
    else high = middle
  }
  return low
}
