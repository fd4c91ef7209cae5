import { type Box, UsageError, wrap } from '../../core/index.js'

/** Told once of every unordered pair: the indices, the separation `j - i` by minimum image and its square. */
export type PairVisitor = (i: number, j: number, dx: number, dy: number, dz: number, r2: number) => void

/** Cells an axis that a radius spans: more and smaller cells follow the sphere better but cost more visits to empty ones. */
const CELLS_PER_RADIUS = 2

/**
 * Visits every unordered pair of points nearer than `maxRadius` exactly once.
 * Points are sorted into cells and each cell is compared with the distinct cells within reach, so that a box of only a few
 * cells (radius near half the box) needs no special case. Separations are taken in float64.
 *
 * @param positions `[points, 3]`, any values on periodic axes (they are wrapped), in the unit of `box` and `maxRadius`
 * @throws UsageError where the radius exceeds half a periodic length: a pair would then meet itself through two images
 */
export function forEachPair(positions: ArrayLike<number>, box: Box, maxRadius: number, visit: PairVisitor): void {
  requireReach(box, maxRadius)
  const points = positions.length / 3
  if (points < 2) return
  const grid = sortIntoCells(positions, box, maxRadius)
  const { x, y, z, index, starts, cells, stencil } = grid
  const [nx, ny, nz] = cells
  const limit = maxRadius * maxRadius
  const [lx, ly, lz] = box.map(length => length ?? Number.POSITIVE_INFINITY)
  const [hx, hy, hz] = [lx / 2, ly / 2, lz / 2]
  for (let cx = 0; cx < nx; cx++) {
    for (let cy = 0; cy < ny; cy++) {
      for (let cz = 0; cz < nz; cz++) {
        const here = (cx * ny + cy) * nz + cz
        const from = starts[here]
        const to = starts[here + 1]
        if (from === to) continue
        for (const ox of stencil[0][cx]) {
          for (const oy of stencil[1][cy]) {
            for (const oz of stencil[2][cz]) {
              const there = (ox * ny + oy) * nz + oz
              if (there < here) continue
              const end = starts[there + 1]
              for (let a = from; a < to; a++) {
                const xa = x[a]
                const ya = y[a]
                const za = z[a]
                for (let b = there === here ? a + 1 : starts[there]; b < end; b++) {
                  let dx = x[b] - xa
                  let dy = y[b] - ya
                  let dz = z[b] - za
                  if (dx > hx) dx -= lx
                  else if (dx < -hx) dx += lx
                  if (dy > hy) dy -= ly
                  else if (dy < -hy) dy += ly
                  if (dz > hz) dz -= lz
                  else if (dz < -hz) dz += lz
                  const r2 = dx * dx + dy * dy + dz * dz
                  if (r2 < limit) visit(index[a], index[b], dx, dy, dz, r2)
                }
              }
            }
          }
        }
      }
    }
  }
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

interface SortedPoints {
  readonly x: Float64Array
  readonly y: Float64Array
  readonly z: Float64Array
  /** where each sorted point was */
  readonly index: Int32Array
  /** first sorted point of each cell, and the end */
  readonly starts: Int32Array
  readonly cells: readonly [number, number, number]
  /** for each axis and cell coordinate, the distinct coordinates within reach */
  readonly stencil: readonly Int32Array[][]
}

function sortIntoCells(positions: ArrayLike<number>, box: Box, maxRadius: number): SortedPoints {
  const points = positions.length / 3
  const mostCells = Math.max(1, Math.floor(Math.cbrt(2 * points)))
  const axes = [0, 1, 2].map(axis => {
    const length = box[axis]
    const values = new Float64Array(points)
    let low = length === null ? Number.POSITIVE_INFINITY : 0
    let high = length ?? Number.NEGATIVE_INFINITY
    for (let i = 0; i < points; i++) {
      const value = positions[3 * i + axis]
      values[i] = length === null ? value : wrap(value, length)
      if (length !== null) continue
      low = Math.min(low, value)
      high = Math.max(high, value)
    }
    const extent = Math.max(high - low, 1e-30)
    const cells = Math.min(mostCells, Math.max(1, Math.floor((CELLS_PER_RADIUS * extent) / maxRadius)))
    // the hair more than the ratio: a point may be one cell off by rounding at a cell wall
    const reach = Math.min(cells, Math.ceil((maxRadius * cells) / extent + 1e-9))
    return { values, low, cells, scale: cells / extent, stencil: neighbourCells(cells, reach, length !== null) }
  })
  const cells = [axes[0].cells, axes[1].cells, axes[2].cells] as const
  const cellOf = new Int32Array(points)
  const starts = new Int32Array(cells[0] * cells[1] * cells[2] + 1)
  for (let i = 0; i < points; i++) {
    let cell = 0
    for (const { values, low, cells: n, scale } of axes)
      cell = cell * n + Math.min(n - 1, Math.floor((values[i] - low) * scale))
    cellOf[i] = cell
    starts[cell + 1]++
  }
  for (let cell = 1; cell < starts.length; cell++) starts[cell] += starts[cell - 1]
  const next = starts.slice()
  const index = new Int32Array(points)
  for (let i = 0; i < points; i++) index[next[cellOf[i]]++] = i
  const [x, y, z] = axes.map(({ values }) => Float64Array.from(index, i => values[i]))
  return { x, y, z, index, starts, cells, stencil: axes.map(axis => axis.stencil) }
}

function neighbourCells(cells: number, reach: number, periodic: boolean): Int32Array[] {
  return Array.from({ length: cells }, (_, here) => {
    if (periodic && 2 * reach + 1 >= cells) return Int32Array.from({ length: cells }, (_, cell) => cell)
    const near: number[] = []
    for (let cell = here - reach; cell <= here + reach; cell++) {
      if (periodic) near.push((cell + cells) % cells)
      else if (cell >= 0 && cell < cells) near.push(cell)
    }
    return Int32Array.from(near)
  })
}
