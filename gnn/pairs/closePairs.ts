import { type PairBasis, splinesAt } from './basis.js'
import { environmentOf } from './environment.js'
import { makePairFinder } from './pairList.js'

/** Equal bins of separation from 0 to `width * bins`, in the positions' unit. */
export interface CloseBins {
  readonly width: number
  readonly bins: number
}

/** Adds the pairs of a cloud `[points, 3]` to `counts` `[bins]`, each pair from both of its ends. */
export type CloseCounter = (positions: Float32Array, points: number, counts: Float64Array) => Float64Array

export function makeCloseCounter(basis: PairBasis, { width, bins }: CloseBins): CloseCounter {
  const find = makePairFinder(basis.box, width * bins)
  return (positions, points, counts) => {
    const { offsets, geometry } = find(positions, points)
    const pairs = offsets[points]
    for (let p = 0; p < pairs; p++) {
      const bin = Math.floor(geometry[4 * p + 3] / width)
      if (bin < bins) counts[bin]++
    }
    return counts
  }
}

/**
 * Adds to `right` `[features]` the moment of a flow with the features: that of `drift` `[bins]` along each close pair.
 */
export type CloseFlow = (
  positions: Float32Array,
  points: number,
  sigma: number,
  drift: Float64Array,
  right: Float64Array,
) => Float64Array

/**
 * What `sum_i F_i . v_i` gains where every pair in bin b drifts by `drift[b]` along its own line, each end towards the
 * other: for the feature of gate g and spline k the sum over pairs of g(i, j) phi_k(r) r / (r + s) drift. A
 * least-squares fit with this on its right-hand side gives clouds that flow of pairs, whatever third points do.
 */
export function makeCloseFlow(basis: PairBasis, { width, bins }: CloseBins): CloseFlow {
  const find = makePairFinder(basis.box, basis.reach)
  const stride = basis.environments.length + 1
  const splines = new Float64Array(3)
  let environment = new Float64Array(0)
  return (positions, points, sigma, drift, right) => {
    const pairs = find(positions, points)
    if (environment.length !== points * stride) environment = new Float64Array(points * stride)
    environmentOf(pairs, basis, sigma, environment)
    const { offsets, senders, geometry } = pairs
    for (let q = 0; q < points; q++)
      for (let p = offsets[q]; p < offsets[q + 1]; p++) {
        const r = geometry[4 * p + 3]
        const bin = Math.floor(r / width)
        if (bin >= bins || drift[bin] === 0) continue
        const first = splinesAt(basis, sigma, r, splines)
        for (let g = 0; g < basis.gates.length; g++) {
          const [atReceiver, atSender] = basis.gates[g]
          const gate = environment[q * stride + atReceiver] * environment[senders[p] * stride + atSender]
          const weight = gate * r * drift[bin]
          const at = g * basis.splines + first
          for (let k = 0; k < 3; k++) right[at + k] += weight * splines[k]
        }
      }
    return right
  }
}
