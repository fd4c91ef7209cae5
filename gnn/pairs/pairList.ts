import { wrap } from '../../core/index.js'
import { imageFinderOf } from './images.js'
import { makePairStore, type PairCandidates } from './pairStore.js'
import type { PairList } from './pairs.js'

export type { PairList } from './pairs.js'

export type PairFinder = (positions: Float32Array, points: number) => PairList

/**
 * A finder with its own buffers for pairs within `reach`. Positions `[points, 3]` may lie outside the box: they are
 * wrapped. Where the reach is more than a quarter of a length, pairs are found one by one with all their images
 * (`images.ts`).
 */
export function makePairFinder(box: readonly [number, number, number], reach: number): PairFinder {
  let size = -1
  let find: (positions: Float32Array) => PairList
  return (positions, points) => {
    if (points !== size) {
      find = reach > Math.min(...box) / 4 ? imageFinderOf(box, reach, points) : finderOf(box, reach, points)
      size = points
    }
    return find(positions)
  }
}

/** Cells are half the reach wide, or wider where that would leave them empty; those out of reach are skipped whole. */
function finderOf(
  box: readonly [number, number, number],
  reach: number,
  points: number,
): (positions: Float32Array) => PairList {
  const [lx, ly, lz] = box
  const width = Math.max(reach / 2, Math.cbrt((2 * lx * ly * lz) / Math.max(1, points)))
  const cells = box.map(length => Math.max(4, Math.floor(length / width)))
  const [cx, cy, cz] = cells
  const neighbours = cellsWithin(box, cells, reach)
  const start = new Int32Array(cx * cy * cz + 1)
  const [hx, hy, hz] = [lx / 2, ly / 2, lz / 2]
  const order = new Int32Array(points)
  const cellOf = new Int32Array(points)
  const sorted = new Float64Array(3 * points)
  const candidates: PairCandidates = {
    near: new Float64Array(3 * points),
    places: new Int32Array(points),
    count: 0,
  }
  const offsets = new Int32Array(points + 1)
  const store = makePairStore()

  return positions => {
    sortByCell(positions)
    const reach2 = reach * reach
    let found = 0
    let cell = 0
    for (let ix = 0; ix < cx; ix++)
      for (let iy = 0; iy < cy; iy++)
        for (let iz = 0; iz < cz; iz++, cell++) {
          const begin = start[cell]
          const end = start[cell + 1]
          if (begin === end) continue
          gather(ix, iy, iz, begin)
          store.withRoom(found, found + candidates.count * (end - begin))
          for (let q = begin; q < end; q++) {
            offsets[q] = found
            found = store.add(found, q, sorted[3 * q], sorted[3 * q + 1], sorted[3 * q + 2], candidates, reach2)
          }
        }
    offsets[points] = found
    return { points, order, offsets, ...store.withRoom(found, found) }
  }

  function sortByCell(positions: Float32Array): void {
    start.fill(0)
    for (let i = 0; i < points; i++) {
      const x = wrap(positions[3 * i], lx)
      const y = wrap(positions[3 * i + 1], ly)
      const z = wrap(positions[3 * i + 2], lz)
      const cell = (Math.floor((x / lx) * cx) * cy + Math.floor((y / ly) * cy)) * cz + Math.floor((z / lz) * cz)
      cellOf[i] = cell
      start[cell + 1]++
    }
    for (let c = 0; c < start.length - 1; c++) start[c + 1] += start[c]
    const next = start.slice()
    for (let i = 0; i < points; i++) {
      const place = next[cellOf[i]]++
      order[place] = i
      sorted[3 * place] = wrap(positions[3 * i], lx)
      sorted[3 * place + 1] = wrap(positions[3 * i + 1], ly)
      sorted[3 * place + 2] = wrap(positions[3 * i + 2], lz)
    }
  }

  /**
   * Copies all points of the cells around one cell into the candidates, each as its image nearest to that cell's first
   * point. For another point of the cell a nearer image could only exist beyond half a box less a cell's width: out of
   * reach, since reach is at most a quarter of the box.
   */
  function gather(ix: number, iy: number, iz: number, begin: number): void {
    const { near, places } = candidates
    const x = sorted[3 * begin]
    const y = sorted[3 * begin + 1]
    const z = sorted[3 * begin + 2]
    let count = 0
    for (let c = 0; c < neighbours.length; c += 3) {
      let jx = ix + neighbours[c]
      let jy = iy + neighbours[c + 1]
      let jz = iz + neighbours[c + 2]
      if (jx >= cx) jx -= cx
      if (jy >= cy) jy -= cy
      if (jz >= cz) jz -= cz
      const there = (jx * cy + jy) * cz + jz
      const end = start[there + 1]
      for (let p = start[there]; p < end; p++, count++) {
        const px = sorted[3 * p]
        const py = sorted[3 * p + 1]
        const pz = sorted[3 * p + 2]
        near[3 * count] = px - x > hx ? px - lx : px - x < -hx ? px + lx : px
        near[3 * count + 1] = py - y > hy ? py - ly : py - y < -hy ? py + ly : py
        near[3 * count + 2] = pz - z > hz ? pz - lz : pz - z < -hz ? pz + lz : pz
        places[count] = p
      }
    }
    candidates.count = count
  }
}

/** Cell steps (each taken into 0 … cells - 1) to every cell that may hold a point within reach. */
function cellsWithin(box: readonly number[], cells: readonly number[], reach: number): Int32Array {
  const gap = (step: number, axis: number): number => {
    const around = Math.min(step, cells[axis] - step)
    return Math.max(0, around - 1) * (box[axis] / cells[axis])
  }
  const steps: number[] = []
  for (let x = 0; x < cells[0]; x++)
    for (let y = 0; y < cells[1]; y++)
      for (let z = 0; z < cells[2]; z++)
        if (gap(x, 0) ** 2 + gap(y, 1) ** 2 + gap(z, 2) ** 2 < reach * reach) steps.push(x, y, z)
  return Int32Array.from(steps)
}
