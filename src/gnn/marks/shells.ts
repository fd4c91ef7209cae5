import { assign, interpolate, type Mesh, type Placement } from './mesh.js'

/** Fourier modes of what the points carry, as a contrast: over the mean number of points a cell, windows undone. */
export interface Modes {
  readonly real: Float64Array
  readonly imaginary: Float64Array
}

/** Modes of the contrast of `carried` (all ones: of the number density). The mode k = 0 is 0. */
export function modesOf(mesh: Mesh, placement: Placement, carried: ArrayLike<number>): Modes {
  const real = new Float64Array(mesh.cells)
  const imaginary = new Float64Array(mesh.cells)
  assign(mesh, placement, carried, real)
  mesh.transform(real, imaginary, false)
  const perPoint = 1 / placement.points
  forEachMode(mesh, (at, x, y, z) => {
    const scale = perPoint / (mesh.windows[0][x] * mesh.windows[1][y] * mesh.windows[2][z])
    real[at] *= scale
    imaginary[at] *= scale
  })
  real[0] = 0
  imaginary[0] = 0
  return { real, imaginary }
}

/** Hat functions in log k: shell b at wave number k; the first is 1 below its node, the last falls to 0 one step beyond. */
export function shellWeight(nodes: readonly number[], b: number, k: number): number {
  const x = Math.log(k)
  const node = (i: number) =>
    i < nodes.length
      ? Math.log(nodes[i])
      : Math.log(nodes[nodes.length - 1] ** 2 / nodes[Math.max(0, nodes.length - 2)])
  const here = node(b)
  if (x <= here) {
    if (b === 0) return 1
    return Math.max(0, (x - node(b - 1)) / (here - node(b - 1)))
  }
  return Math.max(0, (node(b + 1) - x) / (node(b + 1) - here))
}

/**
 * Features of the points from modes: where the contrast in each shell of wave numbers would drive them (the gradient of its inverse Laplacian,
 * `i k / k^2` a mode, in Mpc/h; rows `3 i + axis`), or that contrast itself (row i). Columns `at … at + shells`.
 */
export function shellFeatures(
  mesh: Mesh,
  placement: Placement,
  modes: Modes,
  nodes: readonly number[],
  kind: 'flow' | 'contrast',
  out: Float32Array,
  columns: number,
  at = 0,
): void {
  const coefficients = nodes.map((_, b) => nodes.map((_, i) => (i === b ? 1 : 0)))
  const axes = kind === 'flow' ? 3 : 1
  const wanted = coefficients.flatMap((weights, b) =>
    Array.from({ length: axes }, (_, axis) => ({ weights, axis, column: at + b })),
  )
  // Two real fields are one complex one: half the transforms.
  for (let w = 0; w < wanted.length; w += 2) {
    const pair = wanted.slice(w, w + 2)
    const [first, second] = fieldsOf(mesh, modes, nodes, kind, pair)
    for (const [values, { axis, column }] of [[first, pair[0]] as const, ...(pair[1] ? [[second, pair[1]] as const] : [])])
      interpolate(mesh, placement, values, out, axes * columns, axis * columns + column)
  }
}

/** One or two fields on the mesh from filtered modes, `A + i B` transformed at once. */
function fieldsOf(
  mesh: Mesh,
  modes: Modes,
  nodes: readonly number[],
  kind: 'flow' | 'contrast',
  wanted: readonly { readonly weights: ArrayLike<number>; readonly axis: number }[],
): [Float64Array, Float64Array] {
  const real = new Float64Array(mesh.cells)
  const imaginary = new Float64Array(mesh.cells)
  const most = (nodes[nodes.length - 1] ** 2 / nodes[Math.max(0, nodes.length - 2)]) ** 2
  const { waves, windows } = mesh
  forEachMode(mesh, (at, x, y, z) => {
    const k2 = waves[0][x] ** 2 + waves[1][y] ** 2 + waves[2][z] ** 2
    if (k2 === 0 || k2 > most || isNyquist(mesh, x, y, z)) return
    const k = Math.sqrt(k2)
    const window = windows[0][x] * windows[1][y] * windows[2][z]
    for (let w = 0; w < wanted.length; w++) {
      const { weights, axis } = wanted[w]
      let filter = 0
      for (let b = 0; b < nodes.length; b++) if (weights[b] !== 0) filter += weights[b] * shellWeight(nodes, b, k)
      filter /= window
      let re = modes.real[at] * filter
      let im = modes.imaginary[at] * filter
      if (kind === 'flow') {
        const along = (axis === 0 ? waves[0][x] : axis === 1 ? waves[1][y] : waves[2][z]) / k2
        const turned = -im * along
        im = re * along
        re = turned
      }
      if (w === 0) {
        real[at] += re
        imaginary[at] += im
      } else {
        real[at] -= im
        imaginary[at] += re
      }
    }
  })
  mesh.transform(real, imaginary, true)
  return [real, imaginary]
}

/** Visits every mode of a mesh with its place along each axis. */
export function forEachMode({ size }: Mesh, visit: (at: number, x: number, y: number, z: number) => void): void {
  let at = 0
  for (let x = 0; x < size[0]; x++)
    for (let y = 0; y < size[1]; y++) for (let z = 0; z < size[2]; z++, at++) visit(at, x, y, z)
}

/** Waves with no partner of opposite sign on the mesh. */
export function isNyquist({ size }: Mesh, x: number, y: number, z: number): boolean {
  return 2 * x === size[0] || 2 * y === size[1] || 2 * z === size[2]
}
