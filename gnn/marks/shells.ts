import { assign, interpolate, type Mesh, type Placement } from './mesh.js'

/**
 * The modes of a mesh that shells of wave numbers take up, with what a loop over them needs. A shell is a hat function
 * in log k: 1 at its own node, 0 at its neighbours'; the first is 1 below its node, the last falls to 0 one step
 * beyond.
 */
export interface Shells {
  readonly mesh: Mesh
  readonly nodes: readonly number[]
  readonly modes: number
  /** `[modes]` place on the mesh */
  readonly places: Int32Array
  /** `[modes, 3]` wave vector, h/Mpc */
  readonly waves: Float64Array
  /** `[modes]` the window of assignment and interpolation */
  readonly windows: Float64Array
  /**
   * `[modes]` the lower of the two shells at this mode, and its weight; the next has the rest, less what falls off the
   * end
   */
  readonly lower: Int32Array
  /** `[modes, 2]` */
  readonly weights: Float64Array
}

/** Fourier modes `[modes]` of what the points carry, over their number, windows undone. */
export interface Modes {
  readonly real: Float64Array
  readonly imaginary: Float64Array
}

/**
 * What becomes of a mode f at wave vector k: `contrast` f itself; `flow` where it would drive the points, the gradient
 * of its inverse Laplacian, i k / k^2 f (Mpc/h); `along` k / |k| f, which makes a vector field of its own longitudinal
 * part.
 */
export type ShellKind = 'contrast' | 'flow' | 'along'

/** Hat function b at wave number k. */
export function shellWeight(nodes: readonly number[], b: number, k: number): number {
  const x = Math.log(k)
  const here = nodeAt(nodes, b)
  if (x <= here) return b === 0 ? 1 : Math.max(0, (x - nodeAt(nodes, b - 1)) / (here - nodeAt(nodes, b - 1)))
  return Math.max(0, (nodeAt(nodes, b + 1) - x) / (nodeAt(nodes, b + 1) - here))
}

/** Where the last hat function ends, h/Mpc. */
export function shellsEnd(nodes: readonly number[]): number {
  return Math.exp(nodeAt(nodes, nodes.length))
}

function nodeAt(nodes: readonly number[], b: number): number {
  const last = nodes.length - 1
  return b <= last ? Math.log(nodes[b]) : 2 * Math.log(nodes[last]) - Math.log(nodes[Math.max(0, last - 1)])
}

export function makeShells(mesh: Mesh, nodes: readonly number[]): Shells {
  const end = shellsEnd(nodes)
  const { size } = mesh
  const places: number[] = []
  const waves: number[] = []
  const windows: number[] = []
  const lower: number[] = []
  const weights: number[] = []
  let place = -1
  for (let x = 0; x < size[0]; x++)
    for (let y = 0; y < size[1]; y++)
      for (let z = 0; z < size[2]; z++) {
        place++
        const [kx, ky, kz] = [mesh.waves[0][x], mesh.waves[1][y], mesh.waves[2][z]]
        const k = Math.sqrt(kx * kx + ky * ky + kz * kz)
        // Nyquist waves have no partner of opposite sign
        if (k === 0 || k >= end || 2 * x === size[0] || 2 * y === size[1] || 2 * z === size[2]) continue
        let b = 0
        while (b < nodes.length - 1 && nodes[b + 1] <= k) b++
        places.push(place)
        waves.push(kx, ky, kz)
        windows.push(mesh.windows[0][x] * mesh.windows[1][y] * mesh.windows[2][z])
        lower.push(b)
        weights.push(shellWeight(nodes, b, k), b + 1 < nodes.length ? shellWeight(nodes, b + 1, k) : 0)
      }
  return {
    mesh,
    nodes,
    modes: places.length,
    places: Int32Array.from(places),
    waves: Float64Array.from(waves),
    windows: Float64Array.from(windows),
    lower: Int32Array.from(lower),
    weights: Float64Array.from(weights),
  }
}

/** Modes of a scalar that the points carry (all ones: of the number density's contrast). */
export function scalarModes(shells: Shells, placement: Placement, carried: ArrayLike<number>): Modes {
  const { mesh, places, windows, modes } = shells
  const real = new Float64Array(mesh.cells)
  const imaginary = new Float64Array(mesh.cells)
  assign(mesh, placement, carried, real)
  mesh.transform(real, imaginary, false)
  const out = { real: new Float64Array(modes), imaginary: new Float64Array(modes) }
  for (let m = 0; m < modes; m++) {
    const scale = 1 / (placement.points * windows[m])
    out.real[m] = scale * real[places[m]]
    out.imaginary[m] = scale * imaginary[places[m]]
  }
  return out
}

/** Longitudinal modes k / |k| . f of a vector `[points, 3]` that the points carry. */
export function longitudinalModes(shells: Shells, placement: Placement, vectors: ArrayLike<number>): Modes {
  const { waves, modes } = shells
  const out = { real: new Float64Array(modes), imaginary: new Float64Array(modes) }
  const component = new Float64Array(placement.points)
  for (let axis = 0; axis < 3; axis++) {
    for (let i = 0; i < component.length; i++) component[i] = vectors[3 * i + axis]
    const found = scalarModes(shells, placement, component)
    for (let m = 0; m < modes; m++) {
      const cosine = waves[3 * m + axis] / Math.hypot(waves[3 * m], waves[3 * m + 1], waves[3 * m + 2])
      out.real[m] += cosine * found.real[m]
      out.imaginary[m] += cosine * found.imaginary[m]
    }
  }
  return out
}

/**
 * Features of the points, one a shell, in columns `at …` of `out`: rows `3 i + axis` of vectors, rows i of the
 * contrast.
 */
export function shellFeatures(
  shells: Shells,
  placement: Placement,
  modes: Modes,
  kind: ShellKind,
  out: Float32Array,
  columns: number,
  at = 0,
): void {
  const axes = kind === 'contrast' ? 1 : 3
  const wanted = shells.nodes.flatMap((_, b) =>
    Array.from({ length: axes }, (_, axis) => ({ weights: one(shells, b), axis, column: at + b })),
  )
  // Two real fields are one complex one: half the transforms.
  for (let w = 0; w < wanted.length; w += 2) {
    const pair = wanted.slice(w, w + 2)
    const fields = fieldsOf(shells, modes, kind, pair)
    for (const [which, { axis, column }] of pair.entries())
      interpolate(shells.mesh, placement, fields[which], out, axes * columns, axis * columns + column)
  }
}

/** Vector features times one weight a shell, added to `out` `[points, 3]`. */
export function addShellSum(
  shells: Shells,
  placement: Placement,
  modes: Modes,
  kind: 'flow' | 'along',
  weights: ArrayLike<number>,
  out: Float64Array,
): void {
  const found = new Float64Array(placement.points)
  for (const axes of [[0, 1], [2]]) {
    const fields = fieldsOf(
      shells,
      modes,
      kind,
      axes.map(axis => ({ weights, axis })),
    )
    for (const [which, axis] of axes.entries()) {
      interpolate(shells.mesh, placement, fields[which], found)
      for (let i = 0; i < found.length; i++) out[3 * i + axis] += found[i]
    }
  }
}

function one({ nodes }: Shells, b: number): Float64Array {
  const out = new Float64Array(nodes.length)
  out[b] = 1
  return out
}

/** One or two fields on the mesh from filtered modes, `A + i B` transformed at once. */
function fieldsOf(
  { mesh, modes: count, nodes, places, waves, windows, lower, weights: hats }: Shells,
  modes: Modes,
  kind: ShellKind,
  wanted: readonly { readonly weights: ArrayLike<number>; readonly axis: number }[],
): [Float64Array, Float64Array] {
  const real = new Float64Array(mesh.cells)
  const imaginary = new Float64Array(mesh.cells)
  for (let m = 0; m < count; m++) {
    const k2 = waves[3 * m] ** 2 + waves[3 * m + 1] ** 2 + waves[3 * m + 2] ** 2
    const place = places[m]
    for (let w = 0; w < wanted.length; w++) {
      const { weights, axis } = wanted[w]
      const b = lower[m]
      let filter = hats[2 * m] * weights[b]
      if (b + 1 < nodes.length) filter += hats[2 * m + 1] * weights[b + 1]
      if (filter === 0) continue
      filter /= windows[m]
      let re = modes.real[m] * filter
      let im = modes.imaginary[m] * filter
      if (kind === 'flow') {
        const scale = waves[3 * m + axis] / k2
        const turned = -im * scale
        im = re * scale
        re = turned
      } else if (kind === 'along') {
        const cosine = waves[3 * m + axis] / Math.sqrt(k2)
        re *= cosine
        im *= cosine
      }
      real[place] += w === 0 ? re : -im
      imaginary[place] += w === 0 ? im : re
    }
  }
  mesh.transform(real, imaginary, true)
  return [real, imaginary]
}
