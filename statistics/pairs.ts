import { type Box, UsageError } from '../core/index.js'
import { cellList, forEachCellPair } from '../gnn/graph/cellList.js'

/** Called once for every unordered pair, with the indices, the separation `j - i` by minimum image and its square. */
export type PairVisitor = (i: number, j: number, dx: number, dy: number, dz: number, r2: number) => void

/** Cells of half the radius follow its sphere closely; smaller ones cost more visits than they save pairs. */
const cellsPerRadius = 2

/**
 * Visits every unordered pair of points nearer than `maxRadius` exactly once; separations are taken in float64.
 *
 * @param positions `[points, 3]`, inside [0, length) on periodic axes, in the unit of `box` and `maxRadius`
 * @throws UsageError where the radius exceeds half a periodic length: a pair would then meet itself through two images
 * @throws DataError  for a point that is not finite or outside the box
 */
export function forEachPair(positions: Float32Array, box: Box, maxRadius: number, visit: PairVisitor): void {
  requireReach(box, maxRadius)
  const list = cellList(positions, box, { minWidth: maxRadius / cellsPerRadius, pointsPerCell: 1 })
  const { order, sorted } = list
  const [lx, ly, lz] = list.periods
  const [hx, hy, hz] = [lx / 2, ly / 2, lz / 2]
  const limit = maxRadius * maxRadius
  forEachCellPair(list, maxRadius, (firstA, endA, firstB, endB) => {
    const same = firstA === firstB
    for (let a = firstA; a < endA; a++) {
      const xa = sorted[3 * a]
      const ya = sorted[3 * a + 1]
      const za = sorted[3 * a + 2]
      for (let b = same ? a + 1 : firstB; b < endB; b++) {
        let dx = sorted[3 * b] - xa
        let dy = sorted[3 * b + 1] - ya
        let dz = sorted[3 * b + 2] - za
        if (dx > hx) dx -= lx
        else if (dx < -hx) dx += lx
        if (dy > hy) dy -= ly
        else if (dy < -hy) dy += ly
        if (dz > hz) dz -= lz
        else if (dz < -hz) dz += lz
        const r2 = dx * dx + dy * dy + dz * dz
        if (r2 < limit) visit(order[a], order[b], dx, dy, dz, r2)
      }
    }
  })
}

function requireReach(box: Box, maxRadius: number): void {
  if (box.length !== 3) throw new UsageError('expected a box of 3 axes', `got ${box.length}`, 'give three lengths')
  for (const length of box) {
    if (length !== null && maxRadius > length / 2)
      throw new UsageError(
        `expected separations up to half the box, ${length / 2}`,
        `got ${maxRadius}`,
        'use smaller bins: beyond half the box a pair has more than one periodic image',
      )
  }
}
