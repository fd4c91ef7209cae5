import { featureCount, type PairBasis, pairCount, softening, splineSpacing, taper } from './basis.js'
import type { PairFeatures } from './contracts.js'
import { environmentOf } from './environment.js'
import { makePairFinder } from './pairList.js'
import { makeTripleFeatures } from './tripleFeatures.js'

/**
 * The gated pair features of a cloud (`PairBasis` says what they are), row `3 i + axis`, column `gate * splines + k`.
 * Gates depend on i or on j alone, so there is one sum a sender gate, multiplied by the receiver gates afterwards.
 * Vectors: they turn with the cloud, do not move with it, and are permuted with its points. Sums are in float64.
 */
export function makePairFeatures(basis: PairBasis): PairFeatures {
  const pairs = makeGatedFeatures(basis)
  if (!basis.triples) return pairs
  const triples = makeTripleFeatures(basis, basis.triples, pairCount(basis))
  return (positions, points, sigma, out, columns = featureCount(basis)) => {
    pairs(positions, points, sigma, out, columns)
    return triples(positions, points, sigma, out, columns)
  }
}

function makeGatedFeatures(basis: PairBasis): PairFeatures {
  const find = makePairFinder(basis.box, basis.reach)
  const splines = basis.splines
  const width = basis.environments.length + 1
  const senderGates = [...new Set(basis.gates.map(([, atSender]) => atSender))]
  const gates = basis.gates.map(([atReceiver, atSender]) => [atReceiver, senderGates.indexOf(atSender)])
  const weights = senderGates.length
  const intervals = splines - 2
  const perLog = 1 / splineSpacing(basis)
  const logInner = Math.log(basis.inner)
  const block = weights * splines
  const sums = new Float64Array(3 * block)
  let environment = new Float64Array(0)

  return (positions, points, sigma, out, columns = featureCount(basis)) => {
    const pairs = find(positions, points)
    if (environment.length !== points * width) environment = new Float64Array(points * width)
    environmentOf(pairs, basis, sigma, environment)
    const { order, offsets, senders, geometry } = pairs
    const soft = softening(basis, sigma)
    for (let q = 0; q < points; q++) {
      sums.fill(0)
      const end = offsets[q + 1]
      for (let p = offsets[q]; p < end; p++) {
        const r = geometry[4 * p + 3]
        let u = (Math.log(r + 1e-12) - logInner) * perLog
        if (u < 0) u = 0
        else if (u > intervals) u = intervals
        let first = Math.floor(u)
        if (first === intervals) first--
        const f = u - first
        const scale = taper(basis, r) / (r + soft)
        const a = 0.5 * (1 - f) * (1 - f) * scale
        const b = (0.5 + f - f * f) * scale
        const c = 0.5 * f * f * scale
        const dx = geometry[4 * p]
        const dy = geometry[4 * p + 1]
        const dz = geometry[4 * p + 2]
        const sender = senders[p] * width
        for (let w = 0; w < weights; w++) {
          const gate = environment[sender + senderGates[w]]
          const x = gate * dx
          const y = gate * dy
          const z = gate * dz
          const at = w * splines + first
          sums[at] += a * x
          sums[at + 1] += b * x
          sums[at + 2] += c * x
          sums[at + block] += a * y
          sums[at + block + 1] += b * y
          sums[at + block + 2] += c * y
          sums[at + 2 * block] += a * z
          sums[at + 2 * block + 1] += b * z
          sums[at + 2 * block + 2] += c * z
        }
      }
      for (let axis = 0; axis < 3; axis++) {
        let to = (3 * order[q] + axis) * columns
        for (let g = 0; g < gates.length; g++) {
          const gate = environment[q * width + gates[g][0]]
          const from = axis * block + gates[g][1] * splines
          for (let k = 0; k < splines; k++) out[to++] = gate * sums[from + k]
        }
      }
    }
    return out
  }
}
