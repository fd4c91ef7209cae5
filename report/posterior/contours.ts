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
  /** The crossing of the edge between two neighbouring centres. */
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
      for (const [from, to] of (joined ? joinedSaddles[code] : undefined) ?? segments[code])
        next.set(edges[from](), edges[to]())
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

type Segment = readonly [from: number, to: number]

/**
 * Edges from and to, by which corners lie above the level (bit 0 bottom left, then counterclockwise), with what is
 * above on the left hand. Edge 0 is below, 1 right, 2 above, 3 left of a square.
 */
const segments: readonly (readonly Segment[])[] = [
  [],
  [[0, 3]],
  [[1, 0]],
  [[1, 3]],
  [[2, 1]],
  [
    [0, 3],
    [2, 1],
  ],
  [[2, 0]],
  [[2, 3]],
  [[3, 2]],
  [[0, 2]],
  [
    [1, 0],
    [3, 2],
  ],
  [[1, 2]],
  [[3, 1]],
  [[0, 1]],
  [[3, 0]],
  [],
]

/** The two saddles, where the mean of their corners joins what is above. */
const joinedSaddles: Readonly<Record<number, readonly Segment[]>> = {
  5: [
    [0, 1],
    [2, 3],
  ],
  10: [
    [1, 2],
    [3, 0],
  ],
}
