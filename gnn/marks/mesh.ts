import { wrap } from '../../core/index.js'
import { type MeshSize, makeTransform, type Transform } from './transform.js'

/** A periodic mesh over a box, with the wave numbers of its modes and the points' way on to it and off it. */
export interface Mesh {
  readonly box: readonly [number, number, number]
  readonly size: MeshSize
  readonly cells: number
  /** Wave numbers along each axis, h/Mpc, in the transform's order; 0 at the Nyquist wave, whose sign is not known */
  readonly waves: readonly [Float64Array, Float64Array, Float64Array]
  /** Fourier transform of the assignment's window along each axis */
  readonly windows: readonly [Float64Array, Float64Array, Float64Array]
  readonly transform: Transform
}

/**
 * Where points lie on a mesh: 27 cells and weights each (triangular-shaped cloud, Hockney and Eastwood 1988, section
 * 5-2).
 */
export interface Placement {
  readonly points: number
  /** `[points, 9]` cell and weight, three an axis */
  readonly indices: Int32Array
  readonly weights: Float64Array
}

/** The coarsest mesh of powers of two with cells no wider than `cell`. */
export function makeMesh(box: readonly [number, number, number], cell: number): Mesh {
  const count = (length: number) => Math.max(4, 2 ** Math.ceil(Math.log2(length / cell) - 1e-9))
  const size: MeshSize = [count(box[0]), count(box[1]), count(box[2])]
  const perAxis = <T>(of: (axis: number) => T): [T, T, T] => [of(0), of(1), of(2)]
  const number = (axis: number, i: number) => (i < size[axis] / 2 ? i : i - size[axis])
  return {
    box,
    size,
    cells: size[0] * size[1] * size[2],
    waves: perAxis(axis =>
      Float64Array.from({ length: size[axis] }, (_, i) =>
        2 * i === size[axis] ? 0 : (2 * Math.PI * number(axis, i)) / box[axis],
      ),
    ),
    windows: perAxis(axis =>
      Float64Array.from({ length: size[axis] }, (_, i) => {
        const x = (Math.PI * number(axis, i)) / size[axis]
        return x === 0 ? 1 : (Math.sin(x) / x) ** 3
      }),
    ),
    transform: makeTransform(size),
  }
}

export function place(mesh: Mesh, positions: Float32Array, points: number): Placement {
  const indices = new Int32Array(9 * points)
  const weights = new Float64Array(9 * points)
  const { box, size } = mesh
  for (let i = 0; i < points; i++)
    for (let axis = 0; axis < 3; axis++) {
      const n = size[axis]
      const x = (wrap(positions[3 * i + axis], box[axis]) / box[axis]) * n
      const middle = Math.round(x)
      const d = x - middle
      const at = 9 * i + 3 * axis
      indices[at] = (middle - 1 + n) % n
      indices[at + 1] = middle % n
      indices[at + 2] = (middle + 1) % n
      weights[at] = 0.5 * (0.5 - d) ** 2
      weights[at + 1] = 0.75 - d * d
      weights[at + 2] = 0.5 * (0.5 + d) ** 2
    }
  return { points, indices, weights }
}

/** Adds what each point carries to the mesh. */
export function assign(
  mesh: Mesh,
  { points, indices, weights }: Placement,
  carried: ArrayLike<number>,
  out: Float64Array,
): void {
  const [, ny, nz] = mesh.size
  for (let i = 0; i < points; i++)
    for (let a = 9 * i; a < 9 * i + 3; a++)
      for (let b = 9 * i + 3; b < 9 * i + 6; b++) {
        const row = (indices[a] * ny + indices[b]) * nz
        const weight = carried[i] * weights[a] * weights[b]
        for (let c = 9 * i + 6; c < 9 * i + 9; c++) out[row + indices[c]] += weight * weights[c]
      }
}

/** The mesh's value at each point, by the same weights, to `out[i * stride + at]`. */
export function interpolate(
  mesh: Mesh,
  { points, indices, weights }: Placement,
  values: Float64Array,
  out: Float32Array | Float64Array,
  stride = 1,
  at = 0,
): void {
  const [, ny, nz] = mesh.size
  for (let i = 0; i < points; i++) {
    let sum = 0
    for (let a = 9 * i; a < 9 * i + 3; a++)
      for (let b = 9 * i + 3; b < 9 * i + 6; b++) {
        const row = (indices[a] * ny + indices[b]) * nz
        const weight = weights[a] * weights[b]
        for (let c = 9 * i + 6; c < 9 * i + 9; c++) sum += weight * weights[c] * values[row + indices[c]]
      }
    out[i * stride + at] = sum
  }
}
