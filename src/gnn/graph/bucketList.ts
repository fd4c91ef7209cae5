import type { Tree } from './tree.js'

/** The buckets of a tree near one of them: what its points must be compared with. Arrays are reused from call to call. */
export interface BucketList {
  length: number
  readonly bucket: Int32Array
  /** `[entries, 3]` centre of the bucket's bounds, at the image that is nearest */
  readonly centre: Float64Array
  /** `[entries, 3]` half its extent, rounded up; infinite where the nearest image differs from pair to pair */
  readonly halfExtent: Float64Array
  /** `[entries, 3]` what to add to a displacement to have the minimum image; NaN where it differs from pair to pair */
  readonly shift: Float64Array
  /** `[entries]` the entries, those with the nearer centres first: so the k best are soon near their final values */
  readonly rank: Int32Array
  readonly away: Float64Array
  /** `[entries]` whether some shift is NaN */
  readonly isMixed: Uint8Array
}

export function bucketList(tree: Tree): BucketList {
  const most = tree.leaves
  return {
    length: 0,
    bucket: new Int32Array(most),
    centre: new Float64Array(most * 3),
    halfExtent: new Float64Array(most * 3),
    shift: new Float64Array(most * 3),
    rank: new Int32Array(most),
    away: new Float64Array(most),
    isMixed: new Uint8Array(most),
  }
}

const stack = new Int32Array(64)
const stackGap = new Float64Array(64)

/**
 * Lists every bucket that may hold one of the k nearest neighbours of a point of bucket `home`, or a point within the square
 * root of `within` of it, whichever is less: nearer subtrees first, and among equally near ones that of the least index.
 * Once the buckets seen hold k + 1 points, none farther than the farthest of these can matter, nor one as far with only greater
 * indices; so a heap of points at one place costs no more than other points.
 */
export function listBuckets(tree: Tree, home: number, k: number, within: number, list: BucketList): void {
  const { leaves, starts, bounds, leastIndex, order } = tree
  const [lengthX, lengthY, lengthZ] = tree.periods
  const firstLeaf = leaves - 1
  const own = (firstLeaf + home) * 6
  const x0 = bounds[own]
  const x1 = bounds[own + 1]
  const y0 = bounds[own + 2]
  const y1 = bounds[own + 3]
  const z0 = bounds[own + 4]
  const z1 = bounds[own + 5]
  let limit = Math.min(within, reachOfKin(tree, home, k))
  let limitIndex = 0x7fffffff
  let covered = 0
  let coverReach = 0
  let coverIndex = 0
  let length = 0
  let top = 1
  stack[0] = 0
  stackGap[0] = 0
  while (top > 0) {
    const node = stack[--top]
    const gap = stackGap[top]
    if (gap > limit || (gap === limit && leastIndex[node] > limitIndex)) continue
    if (node < firstLeaf) {
      let nearer = 2 * node + 1
      let farther = nearer + 1
      let nearerGap = gapBetween(bounds, nearer * 6, x0, x1, y0, y1, z0, z1, lengthX, lengthY, lengthZ)
      let fartherGap = gapBetween(bounds, farther * 6, x0, x1, y0, y1, z0, z1, lengthX, lengthY, lengthZ)
      if (fartherGap < nearerGap || (fartherGap === nearerGap && leastIndex[farther] < leastIndex[nearer])) {
        nearer = farther--
        const held = nearerGap
        nearerGap = fartherGap
        fartherGap = held
      }
      if (fartherGap <= limit) {
        stack[top] = farther
        stackGap[top++] = fartherGap
      }
      if (nearerGap <= limit) {
        stack[top] = nearer
        stackGap[top++] = nearerGap
      }
      continue
    }
    const bucket = node - firstLeaf
    const at = node * 6
    list.bucket[length] = bucket
    const shiftX = enter(list, length * 3, bounds[at], bounds[at + 1], x0, x1, lengthX)
    const shiftY = enter(list, length * 3 + 1, bounds[at + 2], bounds[at + 3], y0, y1, lengthY)
    const shiftZ = enter(list, length * 3 + 2, bounds[at + 4], bounds[at + 5], z0, z1, lengthZ)
    list.isMixed[length++] = Number.isNaN(shiftX + shiftY + shiftZ) ? 1 : 0
    if (covered <= k || limit === 0) {
      covered += starts[bucket + 1] - starts[bucket]
      coverReach = Math.max(coverReach, reachBetween(bounds, at, own, tree.periods))
      for (let slot = starts[bucket]; slot < starts[bucket + 1]; slot++)
        if (order[slot] > coverIndex) coverIndex = order[slot]
      if (covered > k) {
        if (coverReach < limit || (coverReach === limit && coverIndex < limitIndex)) {
          limit = coverReach
          limitIndex = coverIndex
        }
        // At one place only indices tell, and the next k + 1 points may have lower ones.
        if (limit === 0) covered = coverReach = coverIndex = 0
      }
    }
  }
  list.length = length
  rankByCentre(list, (x0 + x1) / 2, (y0 + y1) / 2, (z0 + z1) / 2)
}

function rankByCentre(list: BucketList, x: number, y: number, z: number): void {
  const { length, centre, rank, away } = list
  for (let entry = 0; entry < length; entry++) {
    const dx = centre[entry * 3] - x
    const dy = centre[entry * 3 + 1] - y
    const dz = centre[entry * 3 + 2] - z
    const distance = dx * dx + dy * dy + dz * dz
    let at = entry
    // Long lists (crowds at one distance) are not worth ordering to the end.
    const least = entry > 256 ? entry : 0
    while (at > least && away[at - 1] > distance) {
      away[at] = away[at - 1]
      rank[at] = rank[at - 1]
      at--
    }
    away[at] = distance
    rank[at] = entry
  }
}

/** Writes the image and extent of a bucket along one axis; returns the shift. */
function enter(
  list: BucketList,
  at: number,
  low: number,
  high: number,
  homeLow: number,
  homeHigh: number,
  length: number,
): number {
  const half = length / 2
  const least = low - homeHigh
  const most = high - homeLow
  const shift = least >= -half && most < half ? 0 : least >= half ? -length : most < -half ? length : Number.NaN
  list.shift[at] = shift
  if (Number.isNaN(shift)) {
    list.centre[at] = 0
    list.halfExtent[at] = Infinity
  } else {
    const centre = (low + high) / 2 + shift
    list.centre[at] = centre
    // More than centre and image can have been rounded by, so that a gap is never found larger than it is.
    list.halfExtent[at] = (high - low) / 2 + (Math.abs(low) + Math.abs(high) + Math.abs(shift)) * 2 ** -50
  }
  return shift
}

/** Square of the distance within which k + 1 points surely lie: the farthest in the smallest subtree around `home` that has them. */
function reachOfKin(tree: Tree, home: number, k: number): number {
  const { leaves, points, bounds } = tree
  let width = leaves
  let place = home
  while (width > 1 && Math.floor((points * (place + 1)) / width) - Math.floor((points * place) / width) <= k) {
    width >>= 1
    place >>= 1
  }
  return reachBetween(bounds, (width - 1 + place) * 6, (leaves - 1 + home) * 6, tree.periods)
}

/** Square of the greatest distance of a point in one node's bounds to one in another's, by minimum image. */
function reachBetween(bounds: Float64Array, a: number, b: number, periods: Float64Array): number {
  let sum = 0
  for (let axis = 0; axis < 3; axis++) {
    const right = bounds[a + 2 * axis + 1] - bounds[b + 2 * axis]
    const left = bounds[b + 2 * axis + 1] - bounds[a + 2 * axis]
    const most = Math.min(Math.max(right, left), periods[axis] / 2)
    sum += most * most
  }
  return sum
}

/**
 * Square of the least distance between a node's bounds and others, the short way round on periodic axes. It rounds as the
 * distance of two points does, and never above it, so pruning by it loses no tie.
 */
function gapBetween(
  bounds: Float64Array,
  at: number,
  x0: number,
  x1: number,
  y0: number,
  y1: number,
  z0: number,
  z1: number,
  lengthX: number,
  lengthY: number,
  lengthZ: number,
): number {
  let right = bounds[at] - x1
  let left = x0 - bounds[at + 1]
  const dx = right > 0 ? Math.min(right, left + lengthX) : left > 0 ? Math.min(left, right + lengthX) : 0
  right = bounds[at + 2] - y1
  left = y0 - bounds[at + 3]
  const dy = right > 0 ? Math.min(right, left + lengthY) : left > 0 ? Math.min(left, right + lengthY) : 0
  right = bounds[at + 4] - z1
  left = z0 - bounds[at + 5]
  const dz = right > 0 ? Math.min(right, left + lengthZ) : left > 0 ? Math.min(left, right + lengthZ) : 0
  return dx * dx + dy * dy + dz * dz
}
