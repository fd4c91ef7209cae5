import * as tf from '@tensorflow/tfjs'
import type { ArrayValue } from '../../core/index.js'

/**
 * Discrete Fourier transforms of real cubic grids as matrix products: programs of the engine, so they have gradients,
 * take any even number of cells, and a derivative, a Gaussian filter or a cut in wave number costs nothing, being part
 * of a matrix.
 *
 * Convention: forward is the sum of f exp(-i k x), inverse the sum of f exp(i k x) / n^3. Modes of a real field are
 * Hermitian, so half of them are kept: `[ky, kx, 2, kz]`, the 2 being real and imaginary parts, kz from 0 up. The order
 * of axes is the one in which every product reads its data in one piece.
 */

/**
 * Whole wave numbers kept along an axis, in units of 2 pi / box: `across` along x and y, `along` (not negative) along
 * z.
 */
export interface Band {
  readonly across: readonly number[]
  readonly along: readonly number[]
}

/** All wave numbers of a grid: 0, 1, … n/2 - 1, -n/2, … -1 across, 0 … n/2 along. */
export function fullBand(n: number): Band {
  return {
    across: Array.from({ length: n }, (_, i) => (i < n / 2 ? i : i - n)),
    along: Array.from({ length: n / 2 + 1 }, (_, i) => i),
  }
}

/** Wave numbers of size up to `most`; everything where that is n/2 or more. */
export function bandUpTo(n: number, most: number): Band {
  if (most >= n / 2) return fullBand(n)
  const along = Array.from({ length: most + 1 }, (_, i) => i)
  return {
    across: [
      ...along,
      ...along
        .slice(1)
        .reverse()
        .map(k => -k),
    ],
    along,
  }
}

/** Wave number of each index along an axis, in 2 pi / length: 0, 1, … n/2 - 1, -n/2, … -1. */
export function waveNumbers(n: number, length: number): Float64Array {
  return Float64Array.from(fullBand(n).across, k => ((2 * Math.PI) / length) * k)
}

/** A grid, and the modes that are kept of it. */
export interface BandedGrid {
  /** cells a side */
  readonly n: number
  /** Mpc/h */
  readonly box: number
  readonly band: Band
}

/** By what a transform multiplies a mode on the way, along one axis. */
export interface Along {
  /** order of the derivative: 0, 1 or 2 */
  readonly derivative?: 0 | 1 | 2
  /** radius of a Gaussian filter exp(-k^2 R^2 / 2), Mpc/h */
  readonly radius?: number
  readonly scale?: number
}

/**
 * Matrix of the inverse transform along x or y: rows (cell, part) for the given cells, columns (wave number, part).
 */
function inverseAcross(grid: BandedGrid, cells: readonly number[], along: Along = {}): ArrayValue {
  const { n, box, band } = grid
  const columns = 2 * band.across.length
  const values = new Float32Array(2 * cells.length * columns)
  const factor = factors(n, box, along)
  cells.forEach((cell, row) => {
    band.across.forEach((k, column) => {
      const [re, im] = factor(k, cell)
      const at = 2 * row * columns + 2 * column
      values[at] = re
      values[at + 1] = -im
      values[at + columns] = im
      values[at + columns + 1] = re
    })
  })
  return { shape: [2 * cells.length, columns], values }
}

/** Matrix of the last inverse transform, to real numbers: rows (part, wave number), a column a cell. */
function inverseAlong({ n, box, band }: BandedGrid, along: Along = {}): ArrayValue {
  const rows = band.along.length
  const values = new Float32Array(2 * rows * n)
  const factor = factors(n, box, along)
  band.along.forEach((k, row) => {
    // a mode stands for its conjugate partner too, save those that are their own
    const weight = k === 0 || 2 * k === n ? 1 : 2
    for (let cell = 0; cell < n; cell++) {
      const [re, im] = factor(k, cell)
      values[row * n + cell] = weight * re
      values[(rows + row) * n + cell] = -weight * im
    }
  })
  return { shape: [2 * rows, n], values }
}

/** The factors of all wave numbers and cells: (i k)^d exp(-k^2 R^2 / 2) exp(i k x) / n as real and imaginary part. */
function factors(n: number, box: number, along: Along): (wave: number, cell: number) => readonly [number, number] {
  const { derivative = 0, radius = 0, scale = 1 } = along
  const turn = Array.from({ length: n }, (_, i): readonly [number, number] => {
    const [cos, sin] = [Math.cos((2 * Math.PI * i) / n), Math.sin((2 * Math.PI * i) / n)]
    return derivative === 0 ? [cos, sin] : derivative === 1 ? [-sin, cos] : [-cos, -sin]
  })
  const sizes = Float64Array.from({ length: n + 1 }, (_, i) => {
    const wave = i - n / 2
    // The Nyquist wave has no partner of opposite sign: its first derivative is zero.
    if (derivative === 1 && 2 * Math.abs(wave) === n) return 0
    const k = (2 * Math.PI * wave) / box
    return (scale * k ** derivative * Math.exp((-k * k * radius * radius) / 2)) / n
  })
  return (wave, cell) => {
    const size = sizes[wave + n / 2]
    const [re, im] = turn[(((wave * cell) % n) + n) % n]
    return [size * re, size * im]
  }
}

/** Matrices of the forward transform. */
export interface ForwardMatrices {
  /** `[2 n, 2 n]`, along x and y */
  readonly across: ArrayValue
  /** `[n, 2 (n/2 + 1)]` */
  readonly along: ArrayValue
}

export function forwardMatrices(n: number): ForwardMatrices {
  const across = new Float32Array(4 * n * n)
  const half = n / 2 + 1
  const along = new Float32Array(n * 2 * half)
  for (let k = 0; k < n; k++)
    for (let cell = 0; cell < n; cell++) {
      const phase = (2 * Math.PI * ((k * cell) % n)) / n
      const [cos, sin] = [Math.cos(phase), Math.sin(phase)]
      const at = 2 * k * 2 * n + 2 * cell
      across[at] = cos
      across[at + 1] = sin
      across[at + 2 * n] = -sin
      across[at + 2 * n + 1] = cos
      if (k < half) {
        along[cell * 2 * half + k] = cos
        along[cell * 2 * half + half + k] = -sin
      }
    }
  return { across: { shape: [2 * n, 2 * n], values: across }, along: { shape: [n, 2 * half], values: along } }
}

/** Program: a real grid `[n, n, n]` to its modes `[n, n, 2, n/2 + 1]`. */
export function forwardTransform(field: tf.Tensor, across: tf.Tensor, along: tf.Tensor): tf.Tensor {
  const n = field.shape[0]
  const half = n / 2 + 1
  const alongZ = tf.matMul(field.reshape([n * n, n]), along).reshape([n, 2 * n, half])
  const alongY = tf.matMul(across.reshape([1, 2 * n, 2 * n]), alongZ)
  const byWave = alongY
    .reshape([n, n, 2, half])
    .transpose([1, 0, 2, 3])
    .reshape([n, 2 * n, half])
  return tf.matMul(across.reshape([1, 2 * n, 2 * n]), byWave).reshape([n, n, 2, half])
}

/** Matrices of inverse transforms by order of derivative d. */
export interface InverseMatrices<T> {
  /** `[orders, 2 cells, 2 wave numbers]` for the cells of a slab */
  readonly x: T
  /** `[2 n, 2 wave numbers]` each */
  readonly y: readonly T[]
  /** `[2 wave numbers, n]` each */
  readonly z: readonly T[]
}

export interface InverseOptions extends BandedGrid {
  /** derivatives 0 … orders - 1 */
  readonly orders: 1 | 2 | 3
  /** of a Gaussian filter, Mpc/h */
  readonly radius?: number
  readonly scale?: number
}

/**
 * Matrices for derivatives of a Gaussian-filtered field on any planes `cells` of a grid: those along y and z are made
 * once.
 */
export function inverseMatrices(options: InverseOptions): (cells: readonly number[]) => InverseMatrices<ArrayValue> {
  const { n, orders, radius, scale } = options
  const derivatives = ([0, 1, 2] as const).slice(0, orders)
  const all = Array.from({ length: n }, (_, i) => i)
  const y = derivatives.map(derivative => inverseAcross(options, all, { derivative, radius }))
  const z = derivatives.map(derivative => inverseAlong(options, { derivative, radius }))
  return cells => {
    const parts = derivatives.map(derivative => inverseAcross(options, cells, { derivative, radius, scale }))
    const values = new Float32Array(orders * parts[0].values.length)
    parts.forEach((part, i) => {
      values.set(part.values, i * part.values.length)
    })
    return { x: { shape: [orders, ...parts[0].shape], values }, y, z }
  }
}

/**
 * Program: derivatives of the field with the given modes, one grid `[cells, n, n]` for each triple of orders along x, y
 * and z. Triples with the same beginning share their products.
 */
export function inverseTransforms(
  modes: tf.Tensor,
  matrices: InverseMatrices<tf.Tensor>,
  orders: readonly (readonly [number, number, number])[],
): tf.Tensor[] {
  const [across, , , along] = modes.shape
  const [derivatives, rows] = matrices.x.shape
  const cells = rows / 2
  const n = matrices.y[0].shape[0] / 2
  const alongX = tf
    .matMul(matrices.x.reshape([1, derivatives * rows, 2 * across]), modes.reshape([across, 2 * across, along]))
    .reshape([across, derivatives * cells, 2, along])
    .transpose([1, 0, 2, 3])
    .reshape([derivatives * cells, 2 * across, along])
  const alongXY = new Map<string, tf.Tensor>()
  return orders.map(([a, b, c]) => {
    const known = alongXY.get(`${a} ${b}`)
    const x = alongX.slice([a * cells, 0, 0], [cells, 2 * across, along])
    const y = known ?? tf.matMul(matrices.y[b].reshape([1, 2 * n, 2 * across]), x).reshape([cells * n, 2 * along])
    alongXY.set(`${a} ${b}`, y)
    return tf.matMul(y, matrices.z[c]).reshape([cells, n, n])
  })
}
