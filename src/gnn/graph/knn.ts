import { type Box, DataError, type KnnGraph, UsageError } from '../../core/index.js'
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
  if (!Number.isInteger(k) || k < 1) {
    throw new UsageError(
      'expected k, the neighbours of each point, as a positive whole number',
      `got ${k}`,
      'choose 1 or more',
    )
  }
  const index = tree(positions, box)
  const { points, dim } = index
  if (points < k + 1) {
    throw new DataError(
      `expected at least ${k + 1} points for ${k} neighbours each`,
      `got ${points}`,
      `choose k below the number of points, or leave this cloud out`,
    )
  }
  const senders = new Int32Array(points * k)
  const displacements = new Float32Array(points * k * dim)
  search(index, k, senders)
  displace(positions, box, k, senders, displacements)
  return { points, k, dim, senders, displacements }
}

/** Descends from the root for each slot in turn, nearer child first; neighbours in space are neighbours in slots. */
function search(index: Tree, k: number, senders: Int32Array): void {
  const { points, leaves, starts, bounds, leastIndex, order } = index
  const [xs, ys, zs] = index.axes
  const [lengthX, lengthY, lengthZ] = index.periods
  const halfX = lengthX / 2
  const halfY = lengthY / 2
  const halfZ = lengthZ / 2
  const firstLeaf = leaves - 1
  const stack = new Int32Array(64)
  const stackGap = new Float64Array(64)
  const near = new Float64Array(k)
  const nearIndex = new Int32Array(k)
  let previousX = 0
  let previousY = 0
  let previousZ = 0
  let reached = Infinity
  for (let slot = 0; slot < points; slot++) {
    const x = xs[slot]
    const y = ys[slot]
    const z = zs[slot]
    // The k + 1 points found around the previous slot (itself one of them) lie no farther than this, by the triangle inequality.
    const step = Math.sqrt((x - previousX) ** 2 + (y - previousY) ** 2 + (z - previousZ) ** 2)
    let worst = (reached + step) ** 2 * (1 + 1e-12)
    let worstIndex = 0x7fffffff
    let found = 0
    let top = 1
    stack[0] = 0
    stackGap[0] = 0
    while (top > 0) {
      const node = stack[--top]
      const gap = stackGap[top]
      if (gap > worst || (gap === worst && leastIndex[node] > worstIndex)) continue
      if (node < firstLeaf) {
        let near0 = 2 * node + 1
        let near1 = near0 + 1
        let gap0 = boxGap(bounds, near0 * 6, x, y, z, lengthX, lengthY, lengthZ)
        let gap1 = boxGap(bounds, near1 * 6, x, y, z, lengthX, lengthY, lengthZ)
        if (gap1 < gap0 || (gap1 === gap0 && leastIndex[near1] < leastIndex[near0])) {
          const heldNode = near0
          near0 = near1
          near1 = heldNode
          const heldGap = gap0
          gap0 = gap1
          gap1 = heldGap
        }
        if (gap1 <= worst) {
          stack[top] = near1
          stackGap[top++] = gap1
        }
        if (gap0 <= worst) {
          stack[top] = near0
          stackGap[top++] = gap0
        }
        continue
      }
      const end = starts[node - firstLeaf + 1]
      for (let other = starts[node - firstLeaf]; other < end; other++) {
        let dx = xs[other] - x
        let dy = ys[other] - y
        let dz = zs[other] - z
        if (dx >= halfX) dx -= lengthX
        else if (dx < -halfX) dx += lengthX
        if (dy >= halfY) dy -= lengthY
        else if (dy < -halfY) dy += lengthY
        if (dz >= halfZ) dz -= lengthZ
        else if (dz < -halfZ) dz += lengthZ
        const distance = dx * dx + dy * dy + dz * dz
        if (distance > worst) continue
        const candidate = order[other]
        if ((distance === worst && candidate > worstIndex) || other === slot) continue
        let at = found < k ? found++ : k - 1
        while (at > 0 && (near[at - 1] > distance || (near[at - 1] === distance && nearIndex[at - 1] > candidate))) {
          near[at] = near[at - 1]
          nearIndex[at] = nearIndex[at - 1]
          at--
        }
        near[at] = distance
        nearIndex[at] = candidate
        if (found === k) {
          worst = near[k - 1]
          worstIndex = nearIndex[k - 1]
        }
      }
    }
    senders.set(nearIndex, order[slot] * k)
    previousX = x
    previousY = y
    previousZ = z
    reached = Math.sqrt(near[k - 1])
  }
}

/**
 * Square of the least distance from a point to a node's bounds, the short way round on periodic axes. Rounds as the distance of
 * two points does and never above it, so pruning loses no tie.
 */
function boxGap(
  bounds: Float64Array,
  at: number,
  x: number,
  y: number,
  z: number,
  lengthX: number,
  lengthY: number,
  lengthZ: number,
): number {
  let right = bounds[at] - x
  let left = x - bounds[at + 1]
  const dx = right > 0 ? Math.min(right, left + lengthX) : left > 0 ? Math.min(left, right + lengthX) : 0
  right = bounds[at + 2] - y
  left = y - bounds[at + 3]
  const dy = right > 0 ? Math.min(right, left + lengthY) : left > 0 ? Math.min(left, right + lengthY) : 0
  right = bounds[at + 4] - z
  left = z - bounds[at + 5]
  const dz = right > 0 ? Math.min(right, left + lengthZ) : left > 0 ? Math.min(left, right + lengthZ) : 0
  return dx * dx + dy * dy + dz * dz
}

/** Sender minus receiver by minimum image, for each edge. */
function displace(positions: Float32Array, box: Box, k: number, senders: Int32Array, displacements: Float32Array): void {
  const dim = box.length
  for (let axis = 0; axis < dim; axis++) {
    const length = box[axis] ?? Infinity
    const half = length / 2
    for (let edge = 0, receiver = 0; edge < senders.length; receiver++) {
      const from = positions[receiver * dim + axis]
      for (let rank = 0; rank < k; rank++, edge++) {
        const d = positions[senders[edge] * dim + axis] - from
        displacements[edge * dim + axis] = d >= half ? d - length : d < -half ? d + length : d
      }
    }
  }
}
