import { type Box, DataError } from '../core/index.js'
import { cellList } from '../gnn/graph/cellList.js'

/**
 * Distance from each query to its first, second, … k-th nearest point, by minimum image. Shells of cells are searched
 * outward until no nearer point can lie in the next.
 *
 * @param queries   `[queries, 3]` inside the box
 * @param positions `[points, 3]` inside the box
 * @returns `[queries, k]` ascending in each row, in the unit of the positions
 */
export function nearestDistances(queries: Float32Array, positions: Float32Array, box: Box, k: number): Float64Array {
  const points = positions.length / 3
  if (k > points)
    throw new DataError(`expected at least ${k} points, to find the ${k}th nearest`, `got ${points}`, 'lower k')
  const { cells, widths, periods, starts, sorted } = cellList(positions, box, { pointsPerCell: 2 })
  const [nx, ny, nz] = cells
  // reach of a search around a cell: every cell once, also where the box is only a few cells wide
  const before = Int32Array.from(cells, n => Math.floor((n - 1) / 2))
  const after = Int32Array.from(cells, n => Math.floor(n / 2))
  const farthest = Math.max(...after)
  const narrowest = Math.min(...widths)
  const out = new Float64Array((queries.length / 3) * k)
  const best = new Float64Array(k)
  for (let query = 0; query < queries.length / 3; query++) {
    const x = queries[3 * query]
    const y = queries[3 * query + 1]
    const z = queries[3 * query + 2]
    const cx = Math.min(nx - 1, Math.floor(x / widths[0]))
    const cy = Math.min(ny - 1, Math.floor(y / widths[1]))
    const cz = Math.min(nz - 1, Math.floor(z / widths[2]))
    best.fill(Number.POSITIVE_INFINITY)
    for (let shell = 0; shell <= farthest && best[k - 1] > ((shell - 1) * narrowest) ** 2; shell++) {
      for (let ox = -Math.min(shell, before[0]); ox <= Math.min(shell, after[0]); ox++) {
        const ix = (cx + ox + nx) % nx
        for (let oy = -Math.min(shell, before[1]); oy <= Math.min(shell, after[1]); oy++) {
          const iy = (cy + oy + ny) % ny
          const onFace = ox === shell || ox === -shell || oy === shell || oy === -shell
          for (let oz = -Math.min(shell, before[2]); oz <= Math.min(shell, after[2]); oz++) {
            if (!onFace && oz !== shell && oz !== -shell) continue
            const cell = (ix * ny + iy) * nz + ((cz + oz + nz) % nz)
            for (let slot = starts[cell]; slot < starts[cell + 1]; slot++) {
              const dx = apart(sorted[3 * slot] - x, periods[0])
              const dy = apart(sorted[3 * slot + 1] - y, periods[1])
              const dz = apart(sorted[3 * slot + 2] - z, periods[2])
              const r2 = dx * dx + dy * dy + dz * dz
              if (r2 < best[k - 1]) insert(best, r2)
            }
          }
        }
      }
    }
    for (let rank = 0; rank < k; rank++) out[query * k + rank] = Math.sqrt(best[rank])
  }
  return out
}

function apart(d: number, period: number): number {
  const plain = Math.abs(d)
  return plain > period / 2 ? period - plain : plain
}

/** Puts a value into its place among the ascending best; the last one falls out. */
function insert(best: Float64Array, value: number): void {
  let at = best.length - 1
  while (at > 0 && best[at - 1] > value) {
    best[at] = best[at - 1]
    at--
  }
  best[at] = value
}
