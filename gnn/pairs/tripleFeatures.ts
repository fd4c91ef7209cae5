import { type PairBasis, splinesAt } from './basis.js'
import type { PairFeatures } from './contracts.js'
import { makePairFinder } from './pairList.js'
import { edgeBasis, edgeVectors, ownVectors, surroundingsOf } from './surroundings.js'
import { edgeVectorCount, ownVectorCount, type TripleBasis, tripleCount } from './tripleBasis.js'

/**
 * Writes the three-body features of a cloud (`TripleBasis` says what they are), row `3 i + axis`, from column `offset`
 * on.
 */
export function makeTripleFeatures(pairs: PairBasis, triples: TripleBasis, offset: number): PairFeatures {
  const edges = edgeBasis(pairs, triples)
  const find = makePairFinder(edges.box, edges.reach)
  const scales = triples.scales.length
  const { splines } = triples
  const vectors = edgeVectorCount * scales
  const ownCount = ownVectorCount * scales
  const block = vectors * splines
  const sums = new Float64Array(3 * block)
  const values = new Float64Array(3 * vectors)
  const own = new Float64Array(3 * ownCount)
  const radial = new Float64Array(3)
  const unit: [number, number, number] = [0, 0, 0]

  return (positions, points, sigma, out, columns = offset + tripleCount(triples)) => {
    const list = find(positions, points)
    const around = surroundingsOf(list, edges, sigma)
    const { order, offsets, senders, geometry } = list
    for (let q = 0; q < points; q++) {
      sums.fill(0)
      const end = offsets[q + 1]
      for (let p = offsets[q]; p < end; p++) {
        const r = geometry[4 * p + 3]
        const first = splinesAt(edges, sigma, r, radial)
        const inverse = 1 / (r + 1e-9)
        for (let axis = 0; axis < 3; axis++) unit[axis] = geometry[4 * p + axis] * inverse
        edgeVectors(around, scales, q, senders[p], unit, values)
        for (let k = 0; k < 3; k++) {
          const weight = radial[k] * r
          for (let v = 0, at = first + k; v < vectors; v++, at += splines) {
            sums[at] += weight * values[3 * v]
            sums[at + block] += weight * values[3 * v + 1]
            sums[at + 2 * block] += weight * values[3 * v + 2]
          }
        }
      }
      ownVectors(around, scales, q, own)
      for (let axis = 0; axis < 3; axis++) {
        let to = (3 * order[q] + axis) * columns + offset
        for (let f = 0; f < block; f++) out[to++] = sums[axis * block + f]
        for (let v = 0; v < ownCount; v++) out[to++] = own[3 * v + axis]
      }
    }
    return out
  }
}
