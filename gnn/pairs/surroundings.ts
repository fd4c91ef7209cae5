import { type PairBasis, taper } from './basis.js'
import { environmentOf } from './environment.js'
import { makePairFinder, type PairList } from './pairList.js'
import { edgeVectorCount, ownVectorCount, type TripleBasis, tripleBasis } from './tripleBasis.js'

/** The basis as its pair list, its splines and its log-counts see it. */
export function edgeBasis(basis: PairBasis, triples: TripleBasis): PairBasis {
  const { reach, splines, scales } = triples
  return { ...basis, reach, splines, environments: scales, gates: [[0, 0]], triples: undefined }
}

/** What lies around each point, in the pair list's cell order. */
export interface Surroundings {
  /** `[points, scales + 1]` log-counts, the first column 1 */
  readonly counts: Float64Array
  /** `[points, scales, 3]` mean displacement in units of the radius */
  readonly shift: Float64Array
  /** `[points, scales, 6]` traceless second moments, xx yy zz xy xz yz */
  readonly shape: Float64Array
}

const tableSize = 2048

/** Means over Gaussian weights, with one more neighbour at the point itself: a lone point has D = 0 and T = 0. */
export function surroundingsOf(pairs: PairList, edges: PairBasis, sigma: number): Surroundings {
  const { points, offsets, geometry } = pairs
  const scales = edges.environments.length
  const counts = environmentOf(pairs, edges, sigma, new Float64Array(points * (scales + 1)))
  const shift = new Float64Array(points * scales * 3)
  const shape = new Float64Array(points * scales * 6)
  const perUnit = tableSize / edges.reach
  const weights = new Float64Array(tableSize + 2)
  edges.environments.forEach(({ least, times }, a) => {
    const radius = Math.max(least, times * sigma)
    for (let b = 0; b < tableSize + 2; b++)
      weights[b] = taper(edges, b / perUnit) * Math.exp(-0.5 * (b / perUnit / radius) ** 2)
    for (let q = 0; q < points; q++) {
      let [c, x, y, z] = [1, 0, 0, 0]
      let [xx, yy, zz, xy, xz, yz] = [0, 0, 0, 0, 0, 0]
      const end = offsets[q + 1]
      for (let p = offsets[q]; p < end; p++) {
        const at = geometry[4 * p + 3] * perUnit
        const bin = Math.floor(at)
        const w = weights[bin] + (at - bin) * (weights[bin + 1] - weights[bin])
        const u = geometry[4 * p] / radius
        const v = geometry[4 * p + 1] / radius
        const t = geometry[4 * p + 2] / radius
        c += w
        x += w * u
        y += w * v
        z += w * t
        xx += w * u * u
        yy += w * v * v
        zz += w * t * t
        xy += w * u * v
        xz += w * u * t
        yz += w * v * t
      }
      const mean = (xx + yy + zz) / 3
      const d = (q * scales + a) * 3
      shift[d] = x / c
      shift[d + 1] = y / c
      shift[d + 2] = z / c
      const s = (q * scales + a) * 6
      shape[s] = (xx - mean) / c
      shape[s + 1] = (yy - mean) / c
      shape[s + 2] = (zz - mean) / c
      shape[s + 3] = xy / c
      shape[s + 4] = xz / c
      shape[s + 5] = yz / c
    }
  })
  return { counts, shift, shape }
}

/** Writes the symmetric matrix at `at` times a vector. */
function timesSymmetric(
  shape: Float64Array,
  at: number,
  x: number,
  y: number,
  z: number,
  out: Float64Array,
  to: number,
): void {
  out[to] = shape[at] * x + shape[at + 3] * y + shape[at + 4] * z
  out[to + 1] = shape[at + 3] * x + shape[at + 1] * y + shape[at + 5] * z
  out[to + 2] = shape[at + 4] * x + shape[at + 5] * y + shape[at + 2] * z
}

/**
 * Writes the vectors of a pair, `[scales, 5, 3]`: receiver at place q, sender at place s, unit vector (x, y, z) to the
 * sender.
 */
export function edgeVectors(
  { shift, shape }: Surroundings,
  scales: number,
  q: number,
  s: number,
  [x, y, z]: readonly [number, number, number],
  out: Float64Array,
): void {
  for (let a = 0; a < scales; a++) {
    const di = (q * scales + a) * 3
    const dj = (s * scales + a) * 3
    const to = a * 3 * edgeVectorCount
    const along = shift[di] * x + shift[di + 1] * y + shift[di + 2] * z
    const there = shift[dj] * x + shift[dj + 1] * y + shift[dj + 2] * z
    out[to] = along * x
    out[to + 1] = along * y
    out[to + 2] = along * z
    timesSymmetric(shape, 2 * di, x, y, z, out, to + 3)
    out[to + 6] = shift[dj]
    out[to + 7] = shift[dj + 1]
    out[to + 8] = shift[dj + 2]
    out[to + 9] = there * x
    out[to + 10] = there * y
    out[to + 11] = there * z
    timesSymmetric(shape, 2 * dj, x, y, z, out, to + 12)
  }
}

/** Writes the vectors of a point, `[scales, 4, 3]`: D, |D|^2 D, T D, n D. */
export function ownVectors({ counts, shift, shape }: Surroundings, scales: number, q: number, out: Float64Array): void {
  for (let a = 0; a < scales; a++) {
    const d = (q * scales + a) * 3
    const to = a * 3 * ownVectorCount
    const [x, y, z] = [shift[d], shift[d + 1], shift[d + 2]]
    const square = x * x + y * y + z * z
    const count = counts[q * (scales + 1) + 1 + a]
    for (let axis = 0; axis < 3; axis++) {
      out[to + axis] = shift[d + axis]
      out[to + 3 + axis] = square * shift[d + axis]
      out[to + 9 + axis] = count * shift[d + axis]
    }
    timesSymmetric(shape, 2 * d, x, y, z, out, to + 6)
  }
}

/** Vectors (D and T D) and scalars (log-counts) of `makeSurroundings`. */
export function surroundingsChannels(triples: TripleBasis = tripleBasis()): { vectors: number; scalars: number } {
  return { vectors: 2 * triples.scales.length, scalars: triples.scales.length }
}

/**
 * The same as features of a network, `[points, 3 * vectors + scalars]` in the cloud's own order: a network need not
 * learn to compute them first.
 */
export function makeSurroundings(
  basis: PairBasis,
): (positions: Float32Array, points: number, sigma: number) => Float32Array {
  const triples = basis.triples ?? tripleBasis()
  const edges = edgeBasis(basis, triples)
  const find = makePairFinder(edges.box, edges.reach)
  const scales = triples.scales.length
  const { vectors, scalars } = surroundingsChannels(triples)
  const channels = 3 * vectors + scalars
  const turned = new Float64Array(3)
  return (positions, points, sigma) => {
    const list = find(positions, points)
    const { counts, shift, shape } = surroundingsOf(list, edges, sigma)
    const out = new Float32Array(points * channels)
    for (let q = 0; q < points; q++) {
      const to = list.order[q] * channels
      for (let a = 0; a < scales; a++) {
        const d = (q * scales + a) * 3
        timesSymmetric(shape, 2 * d, shift[d], shift[d + 1], shift[d + 2], turned, 0)
        for (let axis = 0; axis < 3; axis++) {
          out[to + 6 * a + axis] = shift[d + axis]
          out[to + 6 * a + 3 + axis] = turned[axis]
        }
        out[to + 3 * vectors + a] = counts[q * (scales + 1) + 1 + a]
      }
    }
    return out
  }
}
