import { type PairBasis, type PairList, splinesAt } from '../pairs/index.js'

/** Columns of `pairTensors`: four kinds of sum, each by spline. */
export function pairTensorCount(basis: PairBasis): number {
  return 4 * basis.splines
}

/**
 * Sums over near pairs of vectors w that the points carry, `[points, 3]`: `sum phi_k w_j`, `sum phi_k u (u . w_j)`,
 * `sum phi_k w_i` and `sum phi_k u (u . w_i)` with u the direction to the neighbour and phi_k over r + s as in
 * `pairVectors`. Together they give the relative speeds of pairs along and across their separation. Rows `3 i + axis`
 * of `out`, which must be 0 before, columns `at + kind * splines + k`. They turn with cloud and vectors.
 */
export function pairTensors(
  { points, order, offsets, senders, geometry }: PairList,
  basis: PairBasis,
  vectors: ArrayLike<number>,
  scale: number,
  out: Float32Array,
  columns: number,
  at = 0,
): Float32Array {
  const splines = basis.splines
  const width = 4 * splines
  const values = new Float64Array(3)
  const total = new Float64Array(3 * width)
  for (let q = 0; q < points; q++) {
    const i = 3 * order[q]
    total.fill(0)
    for (let p = offsets[q]; p < offsets[q + 1]; p++) {
      const r = geometry[4 * p + 3]
      const first = splinesAt(basis, 0, r, values)
      const j = 3 * order[senders[p]]
      const inverse = r > 0 ? 1 / r : 0
      const ux = geometry[4 * p] * inverse
      const uy = geometry[4 * p + 1] * inverse
      const uz = geometry[4 * p + 2] * inverse
      const there = ux * vectors[j] + uy * vectors[j + 1] + uz * vectors[j + 2]
      const here = ux * vectors[i] + uy * vectors[i + 1] + uz * vectors[i + 2]
      for (let axis = 0; axis < 3; axis++) {
        const u = axis === 0 ? ux : axis === 1 ? uy : uz
        const base = axis * width + first
        for (let s = 0; s < 3; s++) {
          const weight = values[s] * scale
          total[base + s] += weight * vectors[j + axis]
          total[base + splines + s] += weight * u * there
          total[base + 2 * splines + s] += weight * vectors[i + axis]
          total[base + 3 * splines + s] += weight * u * here
        }
      }
    }
    for (let axis = 0; axis < 3; axis++) {
      const to = (i + axis) * columns + at
      for (let c = 0; c < width; c++) out[to + c] = total[axis * width + c]
    }
  }
  return out
}
