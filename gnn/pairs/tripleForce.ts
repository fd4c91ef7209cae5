import { type PairBasis, splinesAt } from './basis.js'
import type { PairForce } from './contracts.js'
import { makePairFinder } from './pairList.js'
import { edgeBasis, edgeVectors, ownVectors, surroundingsOf } from './surroundings.js'
import { edgeVectorCount, ownVectorCount, type TripleBasis } from './tripleBasis.js'

const tableSize = 2048

/**
 * Adds the three-body features times `coefficients` (only theirs) to `[points, 3]`; the splines are tabulated as in
 * `makePairForce`.
 */
export function makeTripleForce(pairs: PairBasis, triples: TripleBasis): PairForce {
  const edges = edgeBasis(pairs, triples)
  const find = makePairFinder(edges.box, edges.reach)
  const scales = triples.scales.length
  const vectors = edgeVectorCount * scales
  const ownCount = ownVectorCount * scales
  const perUnit = tableSize / edges.reach
  const table = new Float64Array((tableSize + 2) * vectors)
  const values = new Float64Array(3 * vectors)
  const own = new Float64Array(3 * ownCount)
  const radial = new Float64Array(3)
  const unit: [number, number, number] = [0, 0, 0]

  return (positions, points, sigma, coefficients, out) => {
    const list = find(positions, points)
    const around = surroundingsOf(list, edges, sigma)
    for (let b = 0; b < tableSize + 2; b++) {
      const r = Math.min(b / perUnit, edges.reach)
      const first = splinesAt(edges, sigma, r, radial)
      for (let v = 0; v < vectors; v++) {
        const at = v * edges.splines + first
        table[b * vectors + v] =
          r * (coefficients[at] * radial[0] + coefficients[at + 1] * radial[1] + coefficients[at + 2] * radial[2])
      }
    }
    const { order, offsets, senders, geometry } = list
    const firstOwn = vectors * edges.splines
    for (let q = 0; q < points; q++) {
      const i = 3 * order[q]
      const end = offsets[q + 1]
      for (let p = offsets[q]; p < end; p++) {
        const r = geometry[4 * p + 3]
        const inverse = 1 / (r + 1e-9)
        for (let axis = 0; axis < 3; axis++) unit[axis] = geometry[4 * p + axis] * inverse
        edgeVectors(around, scales, q, senders[p], unit, values)
        const bin = Math.floor(r * perUnit)
        const f = r * perUnit - bin
        for (let v = 0, t = bin * vectors; v < vectors; v++, t++) {
          const weight = table[t] + f * (table[t + vectors] - table[t])
          out[i] += weight * values[3 * v]
          out[i + 1] += weight * values[3 * v + 1]
          out[i + 2] += weight * values[3 * v + 2]
        }
      }
      ownVectors(around, scales, q, own)
      for (let v = 0; v < ownCount; v++)
        for (let axis = 0; axis < 3; axis++) out[i + axis] += coefficients[firstOwn + v] * own[3 * v + axis]
    }
    return out
  }
}
