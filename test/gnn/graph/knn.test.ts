import fc from 'fast-check'
import t from 'tap'
import { DataError, integers, makeKey, openBox, periodicBox, UsageError, uniform } from '../../../core/index.js'
import { knn } from '../../../gnn/graph/index.js'
import { clouds, displacement, nearestBySorting, runs } from './clouds.js'

t.test('finds what sorting all distances finds, ties by index', async () => {
  fc.assert(
    fc.property(clouds(2, 60), fc.nat(), (cloud, some) => {
      const points = cloud.positions.length / cloud.box.length
      const k = 1 + (some % (points - 1))
      const graph = knn(cloud.positions, cloud.box, k)
      const expected = nearestBySorting(cloud, k)
      return (
        graph.senders.length === expected.length && graph.senders.every((sender, edge) => sender === expected[edge])
      )
    }),
    runs,
  )
})

t.test('finds it in clouds of many buckets, crowded and smooth', async t => {
  for (const [name, cloud] of Object.entries({
    uniform: { positions: uniform(makeKey(1), [400, 3]), box: periodicBox(1) },
    plane: { positions: uniform(makeKey(2), [400, 2]), box: [1, null] },
    slab: { positions: uniform(makeKey(3), [400, 3]).map((x, i) => (i % 3 === 2 ? x * 0.01 : x)), box: [1, 1, 0.01] },
    lattice: { positions: Float32Array.from(integers(makeKey(4), 1200, 6)), box: periodicBox(6) },
    clump: { positions: uniform(makeKey(5), [400, 3]).map(x => 0.5 + 0.5 * (2 * x - 1) ** 15), box: periodicBox(1.5) },
    heaps: { positions: Float32Array.from({ length: 1200 }, (_, i) => Math.floor(i / 3) % 3), box: periodicBox(10) },
  })) {
    for (const k of [1, 20, 100]) {
      t.ok(
        Buffer.from(knn(cloud.positions, cloud.box, k).senders).equals(Buffer.from(nearestBySorting(cloud, k))),
        `${name}, k ${k}`,
      )
    }
  }
})

t.test('displacements are sender minus receiver by minimum image', async () => {
  fc.assert(
    fc.property(clouds(3, 30), cloud => {
      const { senders, displacements, dim } = knn(cloud.positions, cloud.box, 2)
      return senders.every((sender, edge) =>
        displacement(cloud, Math.floor(edge / 2), sender).every(
          (d, axis) => displacements[edge * dim + axis] === Math.fround(d),
        ),
      )
    }),
    runs,
  )
})

t.test('a shift by a period of the lattice changes no neighbour', async t => {
  const positions = Float32Array.from(integers(makeKey(6), 600, 64))
  const moved = positions.map((x, i) => (x + [5, 0, 63][i % 3]) % 64)
  t.same(knn(moved, periodicBox(64), 7), knn(positions, periodicBox(64), 7))
})

t.test('gives the neighbours of scipy', async t => {
  // python -c "import numpy as np; from scipy.spatial import cKDTree; i=np.arange(12) p=np.stack([i*37%101/9,
  // i*61%103/9, i*89%107/9], 1); print(cKDTree(p, boxsize=[12,12,12]).query(p, 4)[1][:,1:].ravel().tolist())"   scipy
  // 1.17.1
  const i = Array.from({ length: 12 }, (_, i) => i)
  const positions = Float32Array.from(
    i.flatMap(i => [((i * 37) % 101) / 9, ((i * 61) % 103) / 9, ((i * 89) % 107) / 9]),
  )
  const expected = [
    5, 8, 2, 6, 9, 3, 7, 4, 10, 8, 11, 1, 9, 2, 6, 10, 0, 7, 1, 11, 4, 2, 9, 1, 3, 10, 0, 4, 1, 11, 5, 8, 2, 6, 3, 9,
  ]
  t.same([...knn(positions, periodicBox(12), 3).senders], expected)
})

t.test('refuses what has no answer, and says why', async t => {
  const three = Float32Array.of(0, 0, 0, 1, 1, 1, 2, 2, 2)
  t.throws(() => knn(three, openBox(), 3), { name: 'DataError', message: /at least 4 points.*got 3/ })
  t.throws(() => knn(new Float32Array(0), openBox(), 1), DataError)
  t.throws(() => knn(Float32Array.of(0, 0, 0), openBox(), 1), DataError)
  t.throws(() => knn(Float32Array.of(0, 0, 0, 1, Number.NaN, 1), openBox(), 1), { message: /NaN on axis 1 of point 1/ })
  t.throws(() => knn(Float32Array.of(0, 0, Infinity, 1, 1, 1), openBox(), 1), {
    message: /Infinity on axis 2 of point 0/,
  })
  t.throws(() => knn(three, periodicBox(2), 1), { name: 'DataError', message: /\[0, 2\).*got 2 on axis 0 of point 2/ })
  t.throws(() => knn(Float32Array.of(0, 0, 0, 1, -1e-9, 1), periodicBox(2), 1), DataError)
  t.throws(() => knn(three.subarray(1), openBox(), 1), DataError)
  t.throws(() => knn(three, openBox(), 0), UsageError)
  t.throws(() => knn(three, openBox(), 1.5), UsageError)
  t.throws(() => knn(three, [1], 1), UsageError)
  t.throws(() => knn(three, [3, 0, 3], 1), UsageError)
})
