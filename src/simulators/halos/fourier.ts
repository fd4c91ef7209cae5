import * as tf from '@tensorflow/tfjs'
import type { ArrayValue } from '../../core/index.js'

/**
 * Discrete Fourier transforms of real cubic grids as matrix products: programs of the engine, so they have gradients, take any even
 * number of cells, and a derivative, a Gaussian filter or a cut in wave number costs nothing, being part of a matrix.
 *
 * Convention: forward is the sum of f exp(-i k x), inverse the sum of f exp(i k x) / n^3.
 * Modes of a real field are Hermitian, so half of them are kept: `[ky, kx, 2, kz]`, the 2 being real and imaginary parts, kz from 0 up.
 * The order of axes is the one in which every product reads its data in one piece.
 */

/** Whole wave numbers kept along an axis, in units of 2 pi / box: `across` along x and y, `along` (not negative) along z. */
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

/** What a transform does to a mode on the way, along one axis. */
export interface Along {
  /** order of the derivative: 0, 1 or 2 */
  readonly derivative?: 0 | 1 | 2
  /** radius of a Gaussian filter exp(-k^2 R^2 / 2), Mpc/h */
  readonly radius?: number
  readonly scale?: number
}

/** Matrix of the inverse transform along x or y: rows (cell, part) for the cells asked for, columns (wave number, part). */
export function inverseAcross(n: number, box: number, band: Band, cells: readonly number[], along: Along = {}): ArrayValue {
  const columns = 2 * band.across.length
  const values = new Float32Array(2 * cells.length * columns)
  cells.forEach((cell, row) => {
    band.across.forEach((k, column) => {
      const [re, im] = factor(n, box, k, cell, along)
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
export function inverseAlong(n: number, box: number, band: Band, along: Along = {}): ArrayValue {
  const rows = band.along.length
  const values = new Float32Array(2 * rows * n)
  band.along.forEach((k, row) => {
    // a mode stands for its conjugate partner too, save those that are their own
    const weight = k === 0 || 2 * k === n ? 1 : 2
    for (let cell = 0; cell < n; cell++) {
      const [re, im] = factor(n, box, k, cell, along)
      values[row * n + cell] = weight * re
      values[(rows + row) * n + cell] = -weight * im
    }
  })
  return { shape: [2 * rows, n], values }
}

/** (i k)^d exp(-k^2 R^2 / 2) exp(i k x) / n as real and imaginary part. */
function factor(n: number, box: number, wave: number, cell: number, along: Along): readonly [number, number] {
  const { derivative = 0, radius = 0, scale = 1 } = along
  // The Nyquist wave has no partner of opposite sign: its first derivative is zero.
  if (derivative === 1 && 2 * Math.abs(wave) === n) return [0, 0]
  const k = (2 * Math.PI * wave) / box
  const phase = (2 * Math.PI * ((((wave * cell) % n) + n) % n)) / n
  const size = (scale * k ** derivative * Math.exp((-k * k * radius * radius) / 2)) / n
  const [cos, sin] = [size * Math.cos(phase), size * Math.sin(phase)]
  return derivative === 0 ? [cos, sin] : derivative === 1 ? [-sin, cos] : [-cos, -sin]
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

/** Matrices of inverse transforms by order of derivative: `x[d]` for the cells of a slab, `y[d]`, `z[d]`. */
export interface InverseMatrices<T> {
  readonly x: readonly T[]
  readonly y: readonly T[]
  readonly z: readonly T[]
}

/** Derivatives up to `orders` - 1 of a Gaussian-filtered field on the planes `cells` of a grid. */
export function inverseMatrices(
  n: number,
  box: number,
  band: Band,
  cells: readonly number[],
  options: { readonly orders: 1 | 2 | 3; readonly radius?: number; readonly scale?: number },
): InverseMatrices<ArrayValue> {
  const { orders, radius, scale } = options
  const all = Array.from({ length: n }, (_, i) => i)
  const each = <T>(make: (derivative: 0 | 1 | 2) => T) => ([0, 1, 2] as const).slice(0, orders).map(make)
  return {
    x: each(derivative => inverseAcross(n, box, band, cells, { derivative, radius, scale })),
    y: each(derivative => inverseAcross(n, box, band, all, { derivative, radius })),
    z: each(derivative => inverseAlong(n, box, band, { derivative, radius })),
  }
}

/**
 * Program: derivatives of the field with the given modes, one grid `[cells, n, n]` for each triple of orders along x, y and z.
 * Triples with the same beginning share their products.
 */
export function inverseTransforms(
  modes: tf.Tensor,
  matrices: InverseMatrices<tf.Tensor>,
  orders: readonly (readonly [number, number, number])[],
): tf.Tensor[] {
  const [across, , , along] = modes.shape
  const cells = matrices.x[0].shape[0] / 2
  const n = matrices.y[0].shape[0] / 2
  const flat = modes.reshape([across, 2 * across, along])
  const alongX = matrices.x.map(x =>
    tf
      .matMul(x.reshape([1, 2 * cells, 2 * across]), flat)
      .reshape([across, cells, 2, along])
      .transpose([1, 0, 2, 3])
      .reshape([cells, 2 * across, along]),
  )
  const alongXY = new Map<string, tf.Tensor>()
  return orders.map(([a, b, c]) => {
    const known = alongXY.get(`${a} ${b}`)
    const y = known ?? tf.matMul(matrices.y[b].reshape([1, 2 * n, 2 * across]), alongX[a]).reshape([cells * n, 2 * along])
    alongXY.set(`${a} ${b}`, y)
    return tf.matMul(y, matrices.z[c]).reshape([cells, n, n])
  })
}
