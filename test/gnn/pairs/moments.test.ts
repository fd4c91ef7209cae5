import t from 'tap'
import { makeKey, normal, periodicBox, uniform } from '../../../core/index.js'
import {
  featureCount,
  makeForcePool,
  makeMoments,
  makeMomentsPool,
  makePairFeatures,
  makePairForce,
  pairBasis,
} from '../../../gnn/pairs/index.js'

const basis = pairBasis(periodicBox(100), { splines: 6 })
const positions = uniform(makeKey(1), 80 * 3).map(u => u * 100)
const noiseLevels = [1, 8]

t.test('moments are the products of features and noise, summed over draws', async t => {
  const key = makeKey(2)
  const columns = featureCount(basis) + 1
  const expected = new Float64Array((columns * (columns + 1)) / 2)
  for (let draw = 0; draw < 2; draw++) {
    const noise = normal(key.split(draw), positions.length)
    const noised = positions.map((x, i) => x + 3 * noise[i])
    const design = makePairFeatures(basis)(noised, 80, 3, new Float32Array(240 * columns), columns)
    for (let row = 0; row < 240; row++) {
      design[row * columns + columns - 1] = noise[row]
      for (let i = 0, at = 0; i < columns; i++)
        for (let j = 0; j <= i; j++) expected[at++] += design[row * columns + i] * design[row * columns + j]
    }
  }
  const { packed, rows, sigma } = await (await makeMoments(basis, 2))(positions, 3, key)
  t.equal(rows, 480)
  t.equal(sigma, 3)
  const diagonal = (i: number) => expected[(i * (i + 3)) / 2]
  for (let i = 0, at = 0; i < columns; i++)
    for (let j = 0; j <= i; j++, at++) {
      const scale = Math.sqrt(diagonal(i) * diagonal(j)) + 1e-12
      if (Math.abs(packed[at] - expected[at]) > 1e-5 * scale)
        t.fail(`entry ${i} ${j}: ${packed[at]}, expected ${expected[at]}`)
    }
})

t.test('one thread and three give the same bytes, and the same as no pool', async t => {
  const clouds = Array.from({ length: 5 }, (_, i) => uniform(makeKey(i), (40 + 10 * i) * 3).map(u => u * 100))
  const results = await Promise.all(
    [1, 3].map(async threads => {
      const pool = makeMomentsPool(basis, 1, { threads })
      const all = await Promise.all(clouds.map((cloud, i) => pool.momentsOf(cloud, noiseLevels, makeKey(7).split(i))))
      await pool.close()
      return all
    }),
  )
  t.same(results[0], results[1])
  const inline = await makeMoments(basis)
  t.same(results[0][4][1], await inline(clouds[4], noiseLevels[1], makeKey(7).split(4).split(1)))
})

t.test('the force pool equals the force, and stops when told', async t => {
  const coefficients = Float64Array.from(normal(makeKey(3), featureCount(basis)))
  const pool = makeForcePool(basis, { threads: 2 })
  const found = await Promise.all([pool.force(positions, 2, coefficients), pool.force(positions, 5, coefficients)])
  await pool.close()
  const force = makePairForce(basis)
  t.same(found[0], force(positions, 80, 2, coefficients, new Float32Array(240)))
  t.same(found[1], force(positions, 80, 5, coefficients, new Float32Array(240)))

  const control = new AbortController()
  const stopped = makeForcePool(basis, { threads: 1, signal: control.signal })
  control.abort()
  await t.rejects(stopped.force(positions, 2, coefficients))
  await stopped.close()
})
