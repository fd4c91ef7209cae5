import type { Box } from '../../core/index.js'
import { checkedPointCount } from './positions.js'

/**
 * A grid of equal cells over a cloud, its points sorted by cell: a search for close pairs reads nearby memory alone.
 * Two dimensions are stored as three with z = 0 in one layer of cells, so that a loop is written once.
 *
 * A *slot* is a place in the sorted arrays; the points of cell c are the slots `starts[c] … starts[c + 1]`, in the
 * order of their indices. Cells run with z fastest: c = (cx * cells[1] + cy) * cells[2] + cz.
 */
export interface CellList {
  readonly points: number
  readonly dim: number
  /** `[3]` number of cells along each axis */
  readonly cells: Int32Array
  /** `[3]` width of a cell, in the unit of the positions */
  readonly widths: Float64Array
  /** `[3]` period of each axis, Infinity where it is open */
  readonly periods: Float64Array
  /** `[cells + 1]` */
  readonly starts: Int32Array
  /** `[points]` the index in the cloud of the point in each slot */
  readonly order: Int32Array
  /** `[points, 3]` positions by slot */
  readonly sorted: Float64Array
}

export interface CellListOptions {
  /** Cells are at least this wide (unit of the positions). */
  readonly minWidth?: number
  /** About so many points share a cell on average, if `minWidth` allows; default 4. */
  readonly pointsPerCell?: number
}

/**
 * Sorts a cloud into cells; linear time, three passes.
 *
 * @param positions flat `[points, dim]`; periodic axes inside [0, length)
 * @param box       2 or 3 axes, a length or null each
 * @throws DataError for a point that is not finite or outside the box
 */
export function cellList(positions: Float32Array, box: Box, options: CellListOptions = {}): CellList {
  const points = checkedPointCount(positions, box)
  const dim = box.length
  const origin = new Float64Array(3)
  const extents = new Float64Array(3)
  const periods = new Float64Array(3).fill(Infinity)
  for (let axis = 0; axis < dim; axis++) {
    const length = box[axis]
    if (length === null) {
      let low = Infinity
      let high = -Infinity
      for (let i = axis; i < positions.length; i += dim) {
        if (positions[i] < low) low = positions[i]
        if (positions[i] > high) high = positions[i]
      }
      if (points > 0) {
        origin[axis] = low
        extents[axis] = high - low
      }
    } else {
      extents[axis] = length
      periods[axis] = length
    }
  }
  const { cells, widths } = gridOf(extents, points / (options.pointsPerCell ?? 4), options.minWidth ?? 0)

  const [nx, ny, nz] = cells
  const inverse = Float64Array.from(extents, (extent, axis) => (extent > 0 ? cells[axis] / extent : 0))
  const cellOf = new Int32Array(points)
  const starts = new Int32Array(nx * ny * nz + 1)
  for (let i = 0; i < points; i++) {
    const at = i * dim
    const cx = Math.min(((positions[at] - origin[0]) * inverse[0]) | 0, nx - 1)
    const cy = Math.min(((positions[at + 1] - origin[1]) * inverse[1]) | 0, ny - 1)
    const cz = dim === 3 ? Math.min(((positions[at + 2] - origin[2]) * inverse[2]) | 0, nz - 1) : 0
    const cell = (cx * ny + cy) * nz + cz
    cellOf[i] = cell
    starts[cell]++
  }
  // Counts become ends; filling from the last point down turns the ends into starts and keeps indices ascending in a
  // cell.
  for (let cell = 1; cell < starts.length; cell++) starts[cell] += starts[cell - 1]
  const order = new Int32Array(points)
  const sorted = new Float64Array(points * 3)
  for (let i = points - 1; i >= 0; i--) {
    const slot = --starts[cellOf[i]]
    order[slot] = i
    for (let axis = 0; axis < dim; axis++) sorted[slot * 3 + axis] = positions[i * dim + axis]
  }
  return { points, dim, cells, widths, periods, starts, order, sorted }
}

/** As cubic as the extents allow: about `wanted` cells in all, none narrower than `minWidth`. */
function gridOf(extents: Float64Array, wanted: number, minWidth: number): { cells: Int32Array; widths: Float64Array } {
  const cells = new Int32Array(3).fill(1)
  const widths = new Float64Array(3)
  // Thin axes take one cell, and the others share what is wanted among them.
  const byExtent = [0, 1, 2].filter(axis => extents[axis] > 0).sort((a, b) => extents[a] - extents[b])
  let left = Math.max(1, wanted)
  for (const [done, axis] of byExtent.entries()) {
    const rest = byExtent.slice(done)
    const volume = rest.reduce((product, other) => product * (extents[other] / extents[axis]), 1)
    const share = (left / volume) ** (1 / rest.length)
    // A cell is kept wider than asked by more than the rounding of cell indices, so that a pair never skips over a
    // cell.
    const most = minWidth > 0 ? extents[axis] / (minWidth + extents[axis] * 1e-12) : Infinity
    cells[axis] = Math.max(1, Math.floor(Math.min(share, most, 2 ** 20)))
    left = Math.max(1, left / cells[axis])
  }
  for (let axis = 0; axis < 3; axis++) widths[axis] = extents[axis] / cells[axis]
  return { cells, widths }
}

/**
 * Visits every unordered pair of cells that may hold two points within `radius` of each other (by minimum image), a
 * cell with itself included, each pair once: slots `firstA … endA` against `firstB … endB`, equal ranges where it is
 * one cell. For loops that must be tight: count pairs inside the visit, with displacements brought to the minimum image
 * by `periods` (`d >= L / 2 ? d - L : d < -L / 2 ? d + L : d`, with L = Infinity on open axes). Any radius is right,
 * also beyond half the box.
 */
export function forEachCellPair(
  list: CellList,
  radius: number,
  visit: (firstA: number, endA: number, firstB: number, endB: number) => void,
): void {
  const { starts, cells } = list
  const [nx, ny, nz] = cells
  const reach = [0, 1, 2].map(axis => neighbourCells(list, axis, radius))
  const limit = radius * radius
  for (let cx = 0, cell = 0; cx < nx; cx++) {
    for (let cy = 0; cy < ny; cy++) {
      for (let cz = 0; cz < nz; cz++, cell++) {
        const firstA = starts[cell]
        const endA = starts[cell + 1]
        if (firstA === endA) continue
        const xs = reach[0].cells[cx]
        const ys = reach[1].cells[cy]
        const zs = reach[2].cells[cz]
        for (let ix = 0; ix < xs.length; ix++) {
          if (xs[ix] < cx) continue
          const gapX = reach[0].gaps[cx][ix]
          for (let iy = 0; iy < ys.length; iy++) {
            const gapXY = gapX + reach[1].gaps[cy][iy]
            if (gapXY > limit) continue
            const row = (xs[ix] * ny + ys[iy]) * nz
            if (row + nz <= cell) continue
            for (let iz = 0; iz < zs.length; iz++) {
              const other = row + zs[iz]
              if (other < cell || starts[other] === starts[other + 1]) continue
              if (gapXY + reach[2].gaps[cz][iz] > limit) continue
              visit(firstA, endA, starts[other], starts[other + 1])
            }
          }
        }
      }
    }
  }
}

interface AxisReach {
  /** for each cell along the axis, the cells within reach, each once, ascending */
  readonly cells: Int32Array[]
  /** the square of the least distance to each of them along the axis */
  readonly gaps: Float64Array[]
}

function neighbourCells(list: CellList, axis: number, radius: number): AxisReach {
  const count = list.cells[axis]
  const width = list.widths[axis]
  const periodic = list.periods[axis] < Infinity
  const steps = Math.min(count, width > 0 ? Math.ceil(radius / width) + 1 : 0)
  const cells: Int32Array[] = []
  const gaps: Float64Array[] = []
  for (let from = 0; from < count; from++) {
    const near: number[] = []
    if (2 * steps + 1 >= count) for (let to = 0; to < count; to++) near.push(to)
    else for (let to = from - steps; to <= from + steps; to++) near.push(periodic ? (to + count) % count : to)
    const kept = near.filter(to => to >= 0 && to < count && gap(from, to) <= radius).sort((a, b) => a - b)
    cells.push(Int32Array.from(kept))
    gaps.push(Float64Array.from(kept, to => gap(from, to) ** 2))
  }
  return { cells, gaps }

  /** Least distance of two points in these cells, with room for the rounding of cell indices. */
  function gap(from: number, to: number): number {
    const apart = Math.abs(to - from)
    const between = (periodic ? Math.min(apart, count - apart) : apart) - 1
    return Math.max(0, between * width - count * width * 1e-12)
  }
}
