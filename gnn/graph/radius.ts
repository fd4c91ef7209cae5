import { type Box, type RadiusGraph, UsageError } from '../../core/index.js'
import { type CellList, cellList, forEachCellPair } from './cellList.js'
import { checkedPointCount } from './positions.js'

/**
 * Every neighbour within a radius, by index. A pair at exactly the radius belongs to the graph; a point is never its
 * own neighbour, but another point at the same place is. Distances are those of the minimum image, in float64
 * arithmetic on the float32 positions. The radius may exceed half the box: a pair is still listed once, by its nearest
 * image.
 *
 * @param positions flat `[points, dim]`; periodic axes inside [0, length)
 * @param box       2 or 3 axes, a length or null each
 * @param radius    in the unit of the positions
 * @throws DataError for a point that is not finite or outside the box
 */
export function radiusGraph(positions: Float32Array, box: Box, radius: number): RadiusGraph {
  const list = listFor(positions, box, radius)
  const { points, dim } = list
  const offsets = new Int32Array(points + 1)
  visitPairs(list, radius, (a, b) => {
    offsets[a + 1]++
    offsets[b + 1]++
  })
  for (let i = 0; i < points; i++) offsets[i + 1] += offsets[i]
  const filled = offsets.slice(0, points)
  const senders = new Int32Array(offsets[points])
  visitPairs(list, radius, (a, b) => {
    senders[filled[a]++] = b
    senders[filled[b]++] = a
  })
  for (let i = 0; i < points; i++) senders.subarray(offsets[i], offsets[i + 1]).sort()
  return { points, radius, dim, offsets, senders, displacements: displacementsOf(positions, box, offsets, senders) }
}

/**
 * Visits every unordered pair within the radius once, as indices in the cloud and the squared distance, in no promised
 * order. Nothing is stored, so counting pairs costs no memory.
 */
export function forEachPair(
  positions: Float32Array,
  box: Box,
  radius: number,
  visit: (a: number, b: number, squaredDistance: number) => void,
): void {
  visitPairs(listFor(positions, box, radius), radius, visit)
}

/** Refuses what `radiusGraph` would refuse. */
export function checkedRadius(positions: Float32Array, box: Box, radius: number): void {
  if (!(radius >= 0 && radius < Infinity)) {
    throw new UsageError(
      'expected a radius of 0 or more',
      `got ${radius}`,
      "give a finite radius in the positions' unit",
    )
  }
  checkedPointCount(positions, box)
}

function listFor(positions: Float32Array, box: Box, radius: number): CellList {
  checkedRadius(positions, box, radius)
  // Cells of half the radius waste less of the volume they are compared with than cells of the radius itself.
  return cellList(positions, box, { minWidth: radius / 2, pointsPerCell: 2 })
}

function visitPairs(
  list: CellList,
  radius: number,
  visit: (a: number, b: number, squaredDistance: number) => void,
): void {
  const { sorted, order, periods } = list
  const [lengthX, lengthY, lengthZ] = periods
  const limit = radius * radius
  forEachCellPair(list, radius, (firstA, endA, firstB, endB) => {
    for (let a = firstA; a < endA; a++) {
      const x = sorted[a * 3]
      const y = sorted[a * 3 + 1]
      const z = sorted[a * 3 + 2]
      for (let b = firstA === firstB ? a + 1 : firstB; b < endB; b++) {
        const dx = nearestImage(sorted[b * 3] - x, lengthX)
        const dy = nearestImage(sorted[b * 3 + 1] - y, lengthY)
        const dz = nearestImage(sorted[b * 3 + 2] - z, lengthZ)
        const distance = dx * dx + dy * dy + dz * dz
        if (distance <= limit) visit(order[a], order[b], distance)
      }
    }
  })
}

function displacementsOf(positions: Float32Array, box: Box, offsets: Int32Array, senders: Int32Array): Float32Array {
  const dim = box.length
  const displacements = new Float32Array(senders.length * dim)
  for (let receiver = 0; receiver + 1 < offsets.length; receiver++) {
    for (let edge = offsets[receiver]; edge < offsets[receiver + 1]; edge++) {
      for (let axis = 0; axis < dim; axis++) {
        const d = positions[senders[edge] * dim + axis] - positions[receiver * dim + axis]
        displacements[edge * dim + axis] = nearestImage(d, box[axis] ?? Infinity)
      }
    }
  }
  return displacements
}

/** As `minimumImage` of core, without a division; Infinity is the period of an open axis. */
function nearestImage(d: number, length: number): number {
  return d >= length / 2 ? d - length : d < length / -2 ? d + length : d
}
