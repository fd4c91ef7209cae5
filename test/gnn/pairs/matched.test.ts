import t from 'tap'
import { makeKey, normal, periodicBox, uniform } from '../../../core/index.js'
import {
  featureCount,
  makeCloseCounter,
  makeCloseFlow,
  makeMatchedMoments,
  makeMatchedPool,
  makePairFeatures,
  pairBasis,
} from '../../../gnn/pairs/index.js'

const boxSide = 100
const pointCount = 90
const basis = pairBasis(periodicBox(boxSide), { splines: 6 })
const bins = { width: 1, bins: 14 }
const drawn = uniform(makeKey(1), pointCount * 3).map(u => u * boxSide)
const simulated = uniform(makeKey(2), pointCount * 3).map(u => u * boxSide)
const count = featureCount(basis)

function separation(positions: Float32Array, i: number, j: number): number[] {
  return [0, 1, 2].map(axis => {
    const d = positions[3 * j + axis] - positions[3 * i + axis]
    return d - boxSide * Math.round(d / boxSide)
  })
}

t.test('close pairs are counted from both ends, as brute force counts them', t => {
  const expected = new Float64Array(bins.bins)
  for (let i = 0; i < pointCount; i++)
    for (let j = 0; j < pointCount; j++) {
      const bin = Math.floor(Math.hypot(...separation(drawn, i, j)))
      if (i !== j && bin < bins.bins) expected[bin]++
    }
  t.same(makeCloseCounter(basis, bins)(drawn, pointCount, new Float64Array(bins.bins)), expected)
  t.ok(expected.reduce((a, b) => a + b) > 50)
  t.end()
})

t.test('the flow of one isolated pair is the product of its features with the displacement', t => {
  // Two points alone: what the features give for a drift along the pair is their own moment with it.
  const pair = Float32Array.of(10, 20, 30, 13, 24, 30)
  const drift = new Float64Array(bins.bins).fill(0)
  drift[5] = 0.3
  const features = makePairFeatures(basis)(pair, 2, 2, new Float32Array(6 * count))
  const towards = [0.6, 0.8, 0, -0.6, -0.8, 0].map(unit => 0.3 * unit)
  const right = makeCloseFlow(basis, bins)(pair, 2, 2, drift, new Float64Array(count))
  for (let k = 0; k < count; k++) {
    let expected = 0
    for (let row = 0; row < 6; row++) expected += features[row * count + k] * towards[row]
    t.ok(
      Math.abs(right[k] - expected) < 1e-5 * (1 + Math.abs(expected)),
      `feature ${k}: ${right[k]}, expected ${expected}`,
    )
  }
  t.ok(right.some(value => Math.abs(value) > 0.1))
  t.end()
})

t.test('moments: features of the drawn cloud, noise of the simulated one', async t => {
  const key = makeKey(3)
  const { momentsOf } = await makeMatchedMoments(basis, bins)
  const level = { sigma: 4, noises: [3, 3.5], key }
  const { rows, packed } = await momentsOf({ drawn, simulated }, level)
  t.equal(rows, 3 * pointCount)
  t.equal(packed.at(-1), rows)
  const own = makePairFeatures(basis)(drawn, pointCount, 4, new Float32Array(rows * count))
  const right = new Float64Array(count)
  for (const [draw, sigma] of level.noises.entries()) {
    const noise = normal(key.split(draw), rows)
    const noised = simulated.map((x, i) => x + sigma * noise[i])
    const theirs = makePairFeatures(basis)(noised, pointCount, 4, new Float32Array(rows * count))
    for (let row = 0; row < rows; row++)
      for (let k = 0; k < count; k++) right[k] += (noise[row] * theirs[row * count + k]) / 2
  }
  for (let i = 0, at = 0; i < count; i++)
    for (let j = 0; j <= i; j++, at++) {
      let sum = 0
      let scale = 1e-9
      for (let row = 0; row < rows; row++) {
        sum += own[row * count + i] * own[row * count + j]
        scale += Math.abs(own[row * count + i] * own[row * count + j])
      }
      if (Math.abs(packed[at] - sum) > 1e-4 * scale) t.fail(`entry ${i} ${j}: ${packed[at]}, expected ${sum}`)
    }
  const last = packed.length - 1 - count
  for (let k = 0; k < count; k++)
    t.ok(Math.abs(packed[last + k] - right[k]) < 1e-3 * (1 + Math.abs(right[k])), `right side ${k}`)

  const pool = makeMatchedPool(basis, bins, { threads: 2 })
  t.same(await pool.moments({ drawn, simulated }, level), { rows, packed }, 'a worker gives the same')
  const counts = await pool.counts({ drawn, simulated }, 0, key)
  t.same(counts.simulated, makeCloseCounter(basis, bins)(simulated, pointCount, new Float64Array(bins.bins)))
  const drift = new Float64Array(bins.bins).fill(0.1)
  t.same(
    await pool.flow({ drawn, simulated }, 4, drift),
    makeCloseFlow(basis, bins)(drawn, pointCount, 4, drift, new Float64Array(count)),
  )
  await pool.close()
})
