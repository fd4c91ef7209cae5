import { UsageError } from '../../core/index.js'
import { featureCount, type PairBasis, pairCount, splinesAt } from './basis.js'
import type { PairForce } from './contracts.js'
import { environmentOf } from './environment.js'
import { makePairFinder } from './pairList.js'
import { makeTripleForce } from './tripleForce.js'

const tableSize = 4096

/**
 * Features times coefficients without the features: the splines of a gate are first summed into one function of r,
 * tabulated (linear between 4096 radii), so that a pair costs a lookup a gate. The same as `makePairFeatures` and a
 * product, many times faster.
 */
export function makePairForce(basis: PairBasis): PairForce {
  const find = makePairFinder(basis.box, basis.reach)
  const gates = basis.gates.length
  const width = basis.environments.length + 1
  const perUnit = tableSize / basis.reach
  const table = new Float64Array((tableSize + 2) * gates)
  const splines = new Float64Array(3)
  const atReceiver = basis.gates.map(([i]) => i)
  const atSender = basis.gates.map(([, j]) => j)
  const receiver = new Float64Array(gates)
  let environment = new Float64Array(0)
  const addTriples = basis.triples && makeTripleForce(basis, basis.triples)

  return (positions, points, sigma, coefficients, out) => {
    if (coefficients.length !== featureCount(basis))
      throw new UsageError(
        `expected ${featureCount(basis)} coefficients`,
        `got ${coefficients.length}`,
        'use those fitted with this basis',
      )
    const pairs = find(positions, points)
    if (environment.length !== points * width) environment = new Float64Array(points * width)
    environmentOf(pairs, basis, sigma, environment)
    for (let b = 0; b < tableSize + 2; b++) {
      const first = splinesAt(basis, sigma, Math.min(b / perUnit, basis.reach), splines)
      for (let g = 0; g < gates; g++) {
        const at = g * basis.splines + first
        table[b * gates + g] =
          coefficients[at] * splines[0] + coefficients[at + 1] * splines[1] + coefficients[at + 2] * splines[2]
      }
    }
    const { order, offsets, senders, geometry } = pairs
    for (let q = 0; q < points; q++) {
      for (let g = 0; g < gates; g++) receiver[g] = environment[q * width + atReceiver[g]]
      let x = 0
      let y = 0
      let z = 0
      const end = offsets[q + 1]
      for (let p = offsets[q]; p < end; p++) {
        const at = geometry[4 * p + 3] * perUnit
        const bin = Math.floor(at)
        const f = at - bin
        const sender = senders[p] * width
        let weight = 0
        for (let g = 0, t = bin * gates; g < gates; g++, t++) {
          const low = table[t]
          weight += receiver[g] * environment[sender + atSender[g]] * (low + f * (table[t + gates] - low))
        }
        x += weight * geometry[4 * p]
        y += weight * geometry[4 * p + 1]
        z += weight * geometry[4 * p + 2]
      }
      const i = 3 * order[q]
      out[i] = x
      out[i + 1] = y
      out[i + 2] = z
    }
    if (addTriples) addTriples(positions, points, sigma, coefficients.subarray(pairCount(basis)), out)
    return out
  }
}
