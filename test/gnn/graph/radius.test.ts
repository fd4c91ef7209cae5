import fc from 'fast-check'
import t from 'tap'
import { DataError, openBox, periodicBox, UsageError } from '../../../core/index.js'
import { cellList, forEachCellPair, forEachPair, radiusGraph } from '../../../gnn/graph/index.js'
import { type Cloud, clouds, displacement, runs, squaredDistance } from './clouds.js'

/** Radii from none to beyond the whole box, some of them exactly at a distance of the cloud. */
const radii = fc.record({ fraction: fc.double({ min: 0, max: 1.5, noNaN: true }), atPair: fc.boolean() })

function radiusOf(cloud: Cloud, { fraction, atPair }: { fraction: number; atPair: boolean }): number {
  const exact = cloud.positions.length >= 2 * cloud.box.length ? Math.sqrt(squaredDistance(cloud, 0, 1)) : 0
  return atPair ? exact : fraction * Math.max(...cloud.box.map(length => length ?? 1))
}

function neighboursByDefinition(cloud: Cloud, radius: number): number[][] {
  const points = cloud.positions.length / cloud.box.length
  const all = Array.from({ length: points }, (_, i) => i)
  return all.map(i => all.filter(j => j !== i && squaredDistance(cloud, i, j) <= radius * radius))
}

t.test('holds every pair within the radius once each way, by index', async () => {
  fc.assert(
    fc.property(clouds(0, 50), radii, (cloud, some) => {
      const radius = radiusOf(cloud, some)
      const { offsets, senders, points } = radiusGraph(cloud.positions, cloud.box, radius)
      const expected = neighboursByDefinition(cloud, radius)
      return (
        points === expected.length &&
        expected.every((row, i) => row.join() === senders.subarray(offsets[i], offsets[i + 1]).join())
      )
    }),
    runs,
  )
})

t.test('displacements are sender minus receiver by minimum image', async () => {
  fc.assert(
    fc.property(clouds(2, 30), radii, (cloud, some) => {
      const { offsets, senders, displacements, points, dim } = radiusGraph(
        cloud.positions,
        cloud.box,
        radiusOf(cloud, some),
      )
      for (let i = 0; i < points; i++) {
        for (let edge = offsets[i]; edge < offsets[i + 1]; edge++) {
          const expected = displacement(cloud, i, senders[edge]).map(Math.fround)
          if (expected.some((d, axis) => displacements[edge * dim + axis] !== d)) return false
        }
      }
      return true
    }),
    runs,
  )
})

t.test('forEachPair visits each pair once with its squared distance', async () => {
  fc.assert(
    fc.property(clouds(0, 50), radii, (cloud, some) => {
      const radius = radiusOf(cloud, some)
      const seen = new Set<string>()
      let isRight = true
      forEachPair(cloud.positions, cloud.box, radius, (a, b, squared) => {
        const pair = `${Math.min(a, b)} ${Math.max(a, b)}`
        if (seen.has(pair) || squared !== squaredDistance(cloud, a, b)) isRight = false
        seen.add(pair)
      })
      return isRight && 2 * seen.size === neighboursByDefinition(cloud, radius).flat().length
    }),
    runs,
  )
})

t.test('pairs of cells cover all pairs within the radius once, however many cells there are', async () => {
  fc.assert(
    fc.property(clouds(0, 40), radii, fc.constantFrom(0.1, 1, 4, 100), (cloud, some, pointsPerCell) => {
      const radius = radiusOf(cloud, some)
      const list = cellList(cloud.positions, cloud.box, { pointsPerCell })
      const seen = new Set<string>()
      let isOnce = true
      forEachCellPair(list, radius, (firstA, endA, firstB, endB) => {
        for (let a = firstA; a < endA; a++) {
          for (let b = firstA === firstB ? a + 1 : firstB; b < endB; b++) {
            const pair = `${Math.min(list.order[a], list.order[b])} ${Math.max(list.order[a], list.order[b])}`
            if (seen.has(pair)) isOnce = false
            seen.add(pair)
          }
        }
      })
      return (
        isOnce &&
        neighboursByDefinition(cloud, radius).every((row, i) => row.every(j => j < i || seen.has(`${i} ${j}`)))
      )
    }),
    runs,
  )
})

t.test('refuses what has no answer', async t => {
  const two = Float32Array.of(0, 0, 0, 1, 1, 1)
  t.throws(() => radiusGraph(two, openBox(), -1), UsageError)
  t.throws(() => radiusGraph(two, openBox(), Number.NaN), UsageError)
  t.throws(() => radiusGraph(two, periodicBox(1), 0.5), { name: 'DataError', message: /got 1 on axis 0 of point 1/ })
  t.throws(() => forEachPair(Float32Array.of(0, Number.NaN, 0), openBox(), 1, () => {}), DataError)
  t.throws(() => cellList(Float32Array.of(0, 0, 0, 0), openBox()), DataError)
})
