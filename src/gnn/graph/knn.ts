import { type Box, DataError, type KnnGraph, UsageError } from '../../core/index.js'
import { bucketList, listBuckets } from './bucketList.js'
import { insertHeap, insertSorted, sortHeap } from './nearest.js'
import { checkedPointCount } from './positions.js'
import { type Tree, tree } from './tree.js'

/**
 * The k nearest neighbours of every point, nearest first, exact ties by index; a point is never its own neighbour, but another
 * point at the same place is. Distances are those of the minimum image, in float64 arithmetic on the float32 positions.
 *
 * @param positions flat `[points, dim]`; periodic axes inside [0, length)
 * @param box       2 or 3 axes, a length or null each
 * @param k         1 … points - 1
 * @throws DataError for fewer points than k + 1, and for a point that is not finite or outside the box
 */
export function knn(positions: Float32Array, box: Box, k: number): KnnGraph {
  checkedKnn(positions, box, k)
  const index = tree(positions, box, mostPerBucket)
  const { points, dim } = index
  const senders = new Int32Array(points * k)
  const displacements = new Float32Array(points * k * dim)
  search(index, k, senders, displacements)
  return { points, k, dim, senders, displacements }
}

/** Refuses what `knn` would refuse. */
export function checkedKnn(positions: Float32Array, box: Box, k: number): void {
  if (!Number.isInteger(k) || k < 1) {
    throw new UsageError(
      'expected k, the neighbours of each point, as a positive whole number',
      `got ${k}`,
      'choose 1 or more',
    )
  }
  const points = checkedPointCount(positions, box)
  if (points < k + 1) {
    throw new DataError(
      `expected at least ${k + 1} points for ${k} neighbours each`,
      `got ${points}`,
      'choose k below the number of points, or leave this cloud out',
    )
  }
}

/** Measured: fewer points a bucket make longer lists, more make longer loops. */
const mostPerBucket = 16

/** Above this, shifting a sorted list costs more than a heap. */
const mostSorted = 64

/** How much wider (in squared distance) than around the bucket before the first look is. */
const margin = 1.25

/**
 * Bucket by bucket: the points of one share a list of buckets to compare with. How far that list must reach is guessed from the
 * bucket before; if some point finds fewer than k within it, the bucket is done again with a wider one.
 */
function search(index: Tree, k: number, senders: Int32Array, displacements: Float32Array): void {
  const { leaves, starts, order, dim } = index
  const [xs, ys, zs] = index.axes
  const [lengthX, lengthY, lengthZ] = index.periods
  const list = bucketList(index)
  const { bucket: buckets, centre, halfExtent, shift, isMixed, rank } = list
  const near = new Float64Array(k)
  const slots = new Int32Array(k)
  const insert = k <= mostSorted ? insertSorted : insertHeap
  const worstAt = k <= mostSorted ? k - 1 : 0
  let guess = Infinity
  for (let home = 0; home < leaves; home++) {
    const end = starts[home + 1]
    let within = guess
    let slot = starts[home]
    let widest = 0
    listBuckets(index, home, k, within, list)
    while (slot < end) {
      const x = xs[slot]
      const y = ys[slot]
      const z = zs[slot]
      let held = 0
      let worst = within
      let worst4 = 4 * worst
      for (let turn = 0; turn < list.length; turn++) {
        const entry = rank[turn]
        const at = entry * 3
        // t + |t| is twice the positive part of t, without a branch to mispredict.
        const gapX = Math.abs(centre[at] - x) - halfExtent[at]
        const gapY = Math.abs(centre[at + 1] - y) - halfExtent[at + 1]
        const gapZ = Math.abs(centre[at + 2] - z) - halfExtent[at + 2]
        const twiceX = gapX + Math.abs(gapX)
        const twiceY = gapY + Math.abs(gapY)
        const twiceZ = gapZ + Math.abs(gapZ)
        if (twiceX * twiceX + twiceY * twiceY + twiceZ * twiceZ > worst4) continue
        const last = starts[buckets[entry] + 1]
        const shiftX = shift[at]
        const shiftY = shift[at + 1]
        const shiftZ = shift[at + 2]
        const mixed = isMixed[entry] === 1
        for (let other = starts[buckets[entry]]; other < last; other++) {
          const dx = mixed ? nearestImage(xs[other] - x, lengthX) : xs[other] - x + shiftX
          const dy = mixed ? nearestImage(ys[other] - y, lengthY) : ys[other] - y + shiftY
          const dz = mixed ? nearestImage(zs[other] - z, lengthZ) : zs[other] - z + shiftZ
          const distance = dx * dx + dy * dy + dz * dz
          if (distance > worst || other === slot) continue
          if (held === k && distance === worst && order[other] > order[slots[worstAt]]) continue
          held = insert(near, slots, order, held, distance, other)
          if (held === k) {
            worst = near[worstAt]
            worst4 = 4 * worst
          }
        }
      }
      if (held < k) {
        within = within > 0 ? within * 4 : Infinity
        listBuckets(index, home, k, within, list)
        continue
      }
      if (k > mostSorted) sortHeap(near, slots, order)
      if (worst > widest) widest = worst
      let edge = order[slot] * k
      let at = edge * dim
      for (let rank = 0; rank < k; rank++) {
        const sender = slots[rank]
        senders[edge++] = order[sender]
        displacements[at++] = nearestImage(xs[sender] - x, lengthX)
        displacements[at++] = nearestImage(ys[sender] - y, lengthY)
        if (dim === 3) displacements[at++] = nearestImage(zs[sender] - z, lengthZ)
      }
      slot++
    }
    guess = widest * margin
  }
}

function nearestImage(d: number, length: number): number {
  return d >= length / 2 ? d - length : d < length / -2 ? d + length : d
}
