import type { Density2d } from './density.js'

/**
 * The lines where a gridded density equals a level, as SVG path data of closed rings (marching squares; saddles are
 * resolved by the mean of their corners). Beyond the grid the density counts as 0, so that rings close along the frame.
 *
 * @param width   of the frame in pixels; cell centres lie half a cell inside it
 * @param height  likewise; y grows upwards in the density and downwards in the picture
 */
export function contourPath({ cells, values }: Density2d, level: number, width: number, height: number): string {
  const at = (column: number, row: number) =>
    column < 0 || row < 0 || column >= cells || row >= cells ? 0 : values[row * cells + column]
  const next = new Map<string, string>()
  const places = new Map<string, readonly [number, number]>()
  /** The crossing of the edge between two neighbouring centres */
  const crossing = (c0: number, r0: number, c1: number, r1: number): string => {
    const [a, b] = [at(c0, r0), at(c1, r1)]
    const share = (level - a) / (b - a)
    const key = c0 === c1 ? `v${c0},${Math.min(r0, r1)}` : `h${Math.min(c0, c1)},${r0}`
    places.set(key, [c0 + share * (c1 - c0), r0 + share * (r1 - r0)])
    return key
  }
  for (let row = -1; row < cells; row++) {
    for (let column = -1; column < cells; column++) {
      const corners = [at(column, row), at(column + 1, row), at(column + 1, row + 1), at(column, row + 1)]
      const code = corners.reduce((sum, value, bit) => sum + (value >= level ? 1 << bit : 0), 0)
      if (code === 0 || code === 15) continue
      const edges = [
        () => crossing(column, row, column + 1, row),
        () => crossing(column + 1, row, column + 1, row + 1),
        () => crossing(column, row + 1, column + 1, row + 1),
        () => crossing(column, row, column, row + 1),
      ]
      const joined = corners.reduce((a, b) => a + b, 0) / 4 >= level
      for (const [from, to] of segmentsOf(code, joined)) next.set(edges[from](), edges[to]())
    }
  }
  let path = ''
  for (const start of [...next.keys()]) {
    if (!next.has(start)) continue
    const ring: string[] = []
    for (let key: string | undefined = start; key !== undefined; ) {
      const [column, row] = places.get(key) ?? [0, 0]
      const x = Math.min(Math.max(((column + 0.5) / cells) * width, 0), width)
      const y = Math.min(Math.max(height - ((row + 0.5) / cells) * height, 0), height)
      ring.push(`${x.toFixed(1)} ${y.toFixed(1)}`)
      const following: string | undefined = next.get(key)
      next.delete(key)
      key = following !== undefined && next.has(following) ? following : undefined
    }
    if (ring.length > 2) path += `M${ring.join('L')}Z`
  }
  return path
}

/**
 * Edges from and to, with what is above the level on the left hand; edge 0 is below, 1 right, 2 above, 3 left of a
 * square.
 */
function segmentsOf(code: number, joined: boolean): readonly (readonly [number, number])[] {
  switch (code) {
    case 1:
      return [[0, 3]]
    case 2:
      return [[1, 0]]
    case 3:
      return [[1, 3]]
    case 4:
      return [[2, 1]]
    case 5:
      return joined
        ? [
            [0, 1],
            [2, 3],
          ]
        : [
            [0, 3],
            [2, 1],
          ]
    case 6:
      return [[2, 0]]
    case 7:
      return [[2, 3]]
    case 8:
      return [[3, 2]]
    case 9:
      return [[0, 2]]
    case 10:
      return joined
        ? [
            [1, 2],
            [3, 0],
          ]
        : [
            [1, 0],
            [3, 2],
          ]
    case 11:
      return [[1, 2]]
    case 12:
      return [[3, 1]]
    case 13:
      return [[0, 1]]
    default:
      return [[3, 0]]
  }
}
