import { type PairBasis, type PairList, splinesAt } from '../pairs/index.js'

/** Channels that multiply a pair's term: what the receiver carries times what the sender carries. */
export type MarkGate = readonly [atReceiver: number, atSender: number]

export interface PairMarkOptions {
  readonly basis: PairBasis
  readonly gates: readonly MarkGate[]
  /** `[points, width]` what each point carries, in the cloud's own order; channel 0 is 1 by convention */
  readonly channels: Float64Array
  readonly width: number
}

/** Columns of the features: `gate * splines + k`. */
export function pairMarkCount({ basis, gates }: Pick<PairMarkOptions, 'basis' | 'gates'>): number {
  return basis.splines * gates.length
}

/**
 * Sums over near pairs, written to `out`, `columns` wide, from column `at`. The rows must be 0 before. phi_k and s are
 * those of `splinesAt` at noise level 0.
 */
export type PairSums = (
  pairs: PairList,
  options: PairMarkOptions,
  out: Float32Array,
  columns: number,
  at?: number,
) => Float32Array

/** Vectors `sum_j a_i b_j phi_k(r_ij) d_ij / (r_ij + s)` of each point, rows `3 i + axis`. */
export const pairVectors: PairSums = (pairs, options, out, columns, at = 0) =>
  sums(pairs, options, { out, columns, at }, 3)

/** Scalars `sum_j a_i b_j phi_k(r_ij) / (r_ij + s)` of each point, row i. */
export const pairScalars: PairSums = (pairs, options, out, columns, at = 0) =>
  sums(pairs, options, { out, columns, at }, 1)

function sums(
  { points, order, offsets, senders, geometry }: PairList,
  { basis, gates, channels, width }: PairMarkOptions,
  { out, columns, at }: { readonly out: Float32Array; readonly columns: number; readonly at: number },
  axes: 1 | 3,
): Float32Array {
  const splines = basis.splines
  const values = new Float64Array(3)
  const total = new Float64Array(axes * gates.length * splines)
  for (let q = 0; q < points; q++) {
    const i = order[q]
    total.fill(0)
    for (let p = offsets[q]; p < offsets[q + 1]; p++) {
      const first = splinesAt(basis, 0, geometry[4 * p + 3], values)
      const sender = order[senders[p]] * width
      for (let g = 0; g < gates.length; g++) {
        const weight = channels[sender + gates[g][1]]
        for (let axis = 0; axis < axes; axis++) {
          const x = axes === 3 ? weight * geometry[4 * p + axis] : weight
          const to = (axis * gates.length + g) * splines + first
          total[to] += values[0] * x
          total[to + 1] += values[1] * x
          total[to + 2] += values[2] * x
        }
      }
    }
    for (let axis = 0; axis < axes; axis++)
      for (let g = 0; g < gates.length; g++) {
        const weight = channels[i * width + gates[g][0]]
        const from = (axis * gates.length + g) * splines
        const to = (axes * i + axis) * columns + at + g * splines
        for (let k = 0; k < splines; k++) out[to + k] += weight * total[from + k]
      }
  }
  return out
}
