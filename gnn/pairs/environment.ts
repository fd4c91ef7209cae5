import type { PairBasis } from './basis.js'
import type { PairList } from './pairList.js'

const tableSize = 4096

/**
 * Smoothed log-counts around each point, `[points, environments + 1]` in the list's cell order; the first column is 1.
 * An environment is `log((c + 1/2) / (e + 1/2))`: c the Gaussian-weighted number of neighbours within reach, e what a
 * uniform cloud would have. So 0 is the mean density, whatever the number of points.
 */
export function environmentOf(pairs: PairList, basis: PairBasis, sigma: number, out: Float64Array): Float64Array {
  const { points, offsets, geometry } = pairs
  const count = basis.environments.length
  const width = count + 1
  if (count === 0) return out.fill(1, 0, points)
  const perUnit = tableSize / basis.reach
  const table = new Float64Array((tableSize + 2) * count)
  const expected = new Float64Array(count)
  const density = points / (basis.box[0] * basis.box[1] * basis.box[2])
  basis.environments.forEach(({ least, times }, e) => {
    const radius = Math.max(least, times * sigma)
    for (let b = 0; b < tableSize + 2; b++) {
      const r = b / perUnit
      const weight = Math.exp(-0.5 * (r / radius) ** 2)
      table[b * count + e] = weight
      if (b <= tableSize)
        expected[e] += ((b === tableSize ? 0.5 : 1) * density * weight * 4 * Math.PI * r * r) / perUnit
    }
  })
  const sums = new Float64Array(count)
  for (let q = 0; q < points; q++) {
    sums.fill(0)
    const end = offsets[q + 1]
    for (let p = offsets[q]; p < end; p++) {
      const at = geometry[4 * p + 3] * perUnit
      const bin = Math.floor(at)
      const f = at - bin
      for (let e = 0; e < count; e++) {
        const low = table[bin * count + e]
        sums[e] += low + f * (table[(bin + 1) * count + e] - low)
      }
    }
    out[q * width] = 1
    for (let e = 0; e < count; e++) out[q * width + 1 + e] = Math.log((sums[e] + 0.5) / (expected[e] + 0.5))
  }
  return out
}
