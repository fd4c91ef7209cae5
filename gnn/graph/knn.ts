import { type Box, DataError, type KnnGraph, UsageError } from '../../core/index.js'
import { bucketList, listBuckets, reachOfKin } from './bucketList.js'
import { candidates, cutDown, nearestOf } from './nearest.js'
import { checkedPointCount } from './positions.js'
import { type Tree, tree } from './tree.js'

/**
 * The k nearest neighbours of every point, nearest first, exact ties by index; a point is never its own neighbour, but
 * another point at the same place is. Distances are those of the minimum image, in float64 arithmetic on the float32
 * positions.
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
      'choose k below the number of points, or omit this cloud',
    )
  }
}

/** Measured: fewer points a bucket make longer lists, more make longer loops. */
const mostPerBucket = 16

/**
 * How far the first look reaches, squared: somewhat farther than around the bucket before, within these fractions of
 * where k + 1 points surely lie. Measured too: a look too wide costs comparisons, one too narrow a second look.
 */
const margin = 1.4
const leastOfSure = 0.1
const mostOfSure = 0.4

/**
 * How far one point looks, squared, as a multiple of what the point before needed: within these, more after each look
 * that found fewer than k, and slowly less after the others. So smooth clouds get narrow looks and crowded ones wide
 * enough ones.
 */
const leastReach = 1.35
const mostReach = 3
const widen = 1.5
const narrow = 0.99

/**
 * Bucket by bucket: the points of one share a list of buckets to compare with. How far that list must reach is guessed
 * from the bucket before; if some point finds fewer than k within it, the bucket is done again with a wider one. How
 * far a point looks in the list is guessed from the point before, likewise.
 */
function search(index: Tree, k: number, senders: Int32Array, displacements: Float32Array): void {
  const { leaves, starts, order, dim } = index
  const [xs, ys, zs] = index.axes
  const [lengthX, lengthY, lengthZ] = index.periods
  const list = bucketList(index)
  const { bucket: buckets, wraps } = list
  const { centres, halfExtents } = leafShapes(index)
  const found = candidates(k, mostPerBucket)
  const { far, who, near, slots, limit } = found
  let guess = Infinity
  let last = Infinity
  let ratio = leastReach
  for (let home = 0; home < leaves; home++) {
    const end = starts[home + 1]
    const sure = reachOfKin(index, home, k)
    let within = Math.min(Math.max(guess, leastOfSure * sure), mostOfSure * sure)
    let slot = starts[home]
    let widest = 0
    let reach = Math.min(within, last)
    listBuckets(index, home, k, within, list)
    while (slot < end) {
      const x = xs[slot]
      const y = ys[slot]
      const z = zs[slot]
      let held = 0
      let worst = reach
      let worst4 = 4 * worst
      // NaN during its search, so that a point is never its own neighbour, without a test each time.
      xs[slot] = Number.NaN
      for (let entry = 0; entry < list.length; entry++) {
        const bucket = buckets[entry]
        const wrap = wraps[entry] === 1
        const at = bucket * 3
        let awayX = Math.abs(centres[at] - x)
        let awayY = Math.abs(centres[at + 1] - y)
        let awayZ = Math.abs(centres[at + 2] - z)
        if (wrap) {
          awayX = Math.min(awayX, lengthX - awayX)
          awayY = Math.min(awayY, lengthY - awayY)
          awayZ = Math.min(awayZ, lengthZ - awayZ)
        }
        // t + |t| is twice the positive part of t, without a branch to mispredict.
        const gapX = awayX - halfExtents[at]
        const gapY = awayY - halfExtents[at + 1]
        const gapZ = awayZ - halfExtents[at + 2]
        const twiceX = gapX + Math.abs(gapX)
        const twiceY = gapY + Math.abs(gapY)
        const twiceZ = gapZ + Math.abs(gapZ)
        if (twiceX * twiceX + twiceY * twiceY + twiceZ * twiceZ > worst4) continue
        const stop = starts[bucket + 1]
        if (wrap) {
          for (let other = starts[bucket]; other < stop; other++) {
            const dx = nearestImage(xs[other] - x, lengthX)
            const dy = nearestImage(ys[other] - y, lengthY)
            const dz = nearestImage(zs[other] - z, lengthZ)
            const distance = dx * dx + dy * dy + dz * dz
            far[held] = distance
            who[held] = other
            held += Number(distance <= worst)
          }
        } else {
          for (let other = starts[bucket]; other < stop; other++) {
            const dx = xs[other] - x
            const dy = ys[other] - y
            const dz = zs[other] - z
            const distance = dx * dx + dy * dy + dz * dz
            far[held] = distance
            who[held] = other
            held += Number(distance <= worst)
          }
        }
        if (held > limit) {
          held = cutDown(found, held, k, worst)
          if (held > limit) {
            nearestOf(found, order, held, k, found.farthest)
            far.set(near.subarray(0, k))
            who.set(slots.subarray(0, k))
            held = k
            worst = near[k - 1]
          } else worst = found.farthest
          worst4 = 4 * worst
        }
      }
      xs[slot] = x
      if (held < k) {
        if (reach === within) {
          within = Math.min(within * 4, sure)
          listBuckets(index, home, k, within, list)
        }
        reach = within
        ratio = Math.min(ratio * widen, mostReach)
        continue
      }
      nearestOf(found, order, held, k, worst)
      worst = near[k - 1]
      if (worst > widest) widest = worst
      ratio = Math.max(ratio * narrow, leastReach)
      last = worst * ratio
      reach = Math.min(within, last)
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

/** `[leaves, 3]` centres of the buckets, and half their extents with more than what rounding can have taken. */
function leafShapes({ leaves, bounds, periods }: Tree): { centres: Float64Array; halfExtents: Float64Array } {
  const centres = new Float64Array(leaves * 3)
  const halfExtents = new Float64Array(leaves * 3)
  for (let at = 0; at < leaves * 3; at++) {
    const low = bounds[(leaves - 1) * 6 + at * 2]
    const high = bounds[(leaves - 1) * 6 + at * 2 + 1]
    const period = periods[at % 3]
    centres[at] = (low + high) / 2
    halfExtents[at] = (high - low) / 2 + (Math.abs(low) + Math.abs(high) + (period < Infinity ? period : 0)) * 2 ** -50
  }
  return { centres, halfExtents }
}

function nearestImage(d: number, length: number): number {
  return d >= length / 2 ? d - length : d < length / -2 ? d + length : d
}
