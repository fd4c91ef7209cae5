import fc from 'fast-check'
import t from 'tap'
import { DataError, makeKey, minimumImage, periodicBox } from '../../core/index.js'
import { gridQueries, knnCdf, nearestDistances, randomQueries } from '../../statistics/index.js'
import { poissonPoints, quadraticPoints } from './clouds.js'

t.test('nearest distances are those of the direct search', async () => {
  const length = fc.integer({ min: 20, max: 200 })
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 3, max: 300 }), length, length, length, (seed, points, x, y, z) => {
      const box = [x, y, z]
      const key = makeKey(seed)
      const positions = randomQueries(key.split('points'), box, points)
      const queries = randomQueries(key.split('queries'), box, 5)
      const found = nearestDistances(queries, positions, box, 3)
      for (let query = 0; query < 5; query++) {
        const all = Float64Array.from({ length: points }, (_, i) =>
          Math.hypot(
            ...box.map((side, axis) => minimumImage(positions[3 * i + axis] - queries[3 * query + axis], side)),
          ),
        ).sort()
        for (let rank = 0; rank < 3; rank++) if (Math.abs(found[3 * query + rank] - all[rank]) > 1e-9) return false
      }
      return true
    }),
    { seed: 3, numRuns: 200 },
  )
})

// x as float64 of quadraticPoints, g = (np.arange(10) + .5) * 100, q the 1000 points of g x g x g d, _ = cKDTree(x,
// boxsize=1000.).query(q, k=9); [(d[:, k - 1] < r).mean() for r in (20, 30, 40, 50, 60, 80)]     scipy
t.test("the distributions are those of scipy's cKDTree", async t => {
  const box = periodicBox(1000)
  const cdf = knnCdf(quadraticPoints(5000, 1000), box, gridQueries(box, 10), { radii: [20, 30, 40, 50, 60, 80] })
  t.same(
    cdf.map(row => [...row]),
    [
      [0.163, 0.453, 0.725, 0.92, 0.988, 1],
      [0, 0, 0.017, 0.136, 0.474, 0.976],
      [0, 0, 0, 0.004, 0.037, 0.725],
    ],
  )
})

t.test('Poisson points have the analytic distribution', async t => {
  const box = periodicBox(1000)
  const radii = [15, 25, 35, 45, 55, 65, 80]
  const density = 5000 / 1000 ** 3
  const fields = Array.from({ length: 4 }, (_, f) =>
    knnCdf(poissonPoints(makeKey(11).split(f), 5000, 1000), box, randomQueries(makeKey(12).split(f), box, 4000), {
      radii,
    }),
  )
  for (const [at, rank] of [1, 5, 9].entries()) {
    for (const [bin, radius] of radii.entries()) {
      const inside = (density * 4 * Math.PI * radius ** 3) / 3
      let expected = 1
      for (let i = 0, term = Math.exp(-inside); i < rank; i++, term *= inside / i) expected -= term
      const mean = fields.reduce((sum, cdf) => sum + cdf[at][bin] / fields.length, 0)
      t.ok(
        Math.abs(mean - expected) < 0.012,
        `k ${rank}, r ${radius}: ${mean.toFixed(4)}, expected ${expected.toFixed(4)}`,
      )
    }
  }
})

t.test('a lattice asked at its own points answers 0, and then its spacing', async t => {
  const box = periodicBox(100)
  const lattice = gridQueries(box, 10)
  const distances = nearestDistances(lattice, lattice, box, 7)
  t.same([...distances.subarray(7 * 555, 7 * 556)], [0, 10, 10, 10, 10, 10, 10])
})

t.test('fewer points than k is an error', async t => {
  const box = periodicBox(100)
  t.throws(() => nearestDistances(gridQueries(box, 2), poissonPoints(makeKey(1), 4, 100), box, 5), DataError)
})
