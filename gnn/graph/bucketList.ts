import type { Tree } from './tree.js'

/**
 * The buckets of a tree near one of them: what its points must be compared with. Arrays are reused from call to call.
 */
export interface BucketList {
  length: number
  readonly bucket: Int32Array
  /** `[entries]` 1 where some pair of points is nearer by another image than by the difference of their positions */
  readonly wraps: Uint8Array
}

export function bucketList(tree: Tree): BucketList {
  return { length: 0, bucket: new Int32Array(tree.leaves), wraps: new Uint8Array(tree.leaves) }
}

const stack = new Int32Array(64)
const stackGap = new Float64Array(64)

/**
 * Lists every bucket that may hold a point within the square root of `within` of a point of bucket `home`; nearer
 * subtrees first, and among equally near ones that of the least index. If `within` is 0 (k + 1 points at one place) the
 * list ends where only greater indices would follow, so that a heap of points at one place costs no more than other
 * points.
 */
export function listBuckets(tree: Tree, home: number, k: number, within: number, list: BucketList): void {
  const { bucket: buckets, wraps } = list
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
  const halfX = lengthX / 2
  const halfY = lengthY / 2
  const halfZ = lengthZ / 2
  const limit = within
  let limitIndex = 0x7fffffff
  let covered = 0
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
    buckets[length] = bucket
    const isPlain =
      bounds[at + 1] - x0 < halfX &&
      x1 - bounds[at] <= halfX &&
      bounds[at + 3] - y0 < halfY &&
      y1 - bounds[at + 2] <= halfY &&
      bounds[at + 5] - z0 < halfZ &&
      z1 - bounds[at + 4] <= halfZ
    wraps[length++] = isPlain ? 0 : 1
    if (limit > 0) continue
    // All at one place: only indices decide. Once the buckets seen there hold k + 1 points, greater indices cannot
    // matter.
    if (reachBetween(bounds, at, own, tree.periods) > 0) continue
    covered += starts[bucket + 1] - starts[bucket]
    for (let slot = starts[bucket]; slot < starts[bucket + 1]; slot++)
      if (order[slot] > coverIndex) coverIndex = order[slot]
    if (covered > k) {
      limitIndex = Math.min(limitIndex, coverIndex)
      covered = coverIndex = 0
    }
  }
  list.length = length
}

/**
 * Square of the distance within which k + 1 points surely lie: the farthest in the smallest subtree around `home` that
 * has them.
 */
export function reachOfKin(tree: Tree, home: number, k: number): number {
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
 * Square of the least distance between a node's bounds and others, the short way round on periodic axes. It rounds as
 * the distance of two points does, and never above it, so pruning by it loses no tie.
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
