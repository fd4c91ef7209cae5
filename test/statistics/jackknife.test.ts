import t from 'tap'
import { makeKey, periodicBox } from '../../core/index.js'
import {
  correlationFunction,
  correlationWithError,
  overFields,
  pairwiseVelocity,
  pairwiseVelocityWithError,
  subBoxes,
  uniformPairs,
} from '../../statistics/index.js'
import { clusteredPoints, poissonPoints } from './clouds.js'

const box = periodicBox(600)
const edges = [10, 25, 40, 60, 90, 150]

t.test('sub-boxes share out all points', async t => {
  const { count, of } = subBoxes(Float32Array.of(0, 0, 0, 599, 599, 599, 250, 0, 450), box, 3)
  t.equal(count, 27)
  t.same([...of], [0, 26, 11])
})

t.test('the jackknife value is the plain estimate', async t => {
  const positions = clusteredPoints(makeKey(1), 100, 10, 40, 600)
  t.same(correlationWithError(positions, box, { edges }).value, correlationFunction(positions, box, edges))
  const velocities = poissonPoints(makeKey(2), 1000, 500)
  const { value } = pairwiseVelocityWithError(positions, velocities, box, { edges })
  t.same(value, pairwiseVelocity(positions, velocities, box, edges))
})

t.test('on Poisson points the jackknife error is the Poisson error', async t => {
  const points = 2000
  const expected = uniformPairs(points, box, edges)
  const fields = Array.from({ length: 24 }, (_, f) =>
    correlationWithError(poissonPoints(makeKey(5).split(f), points, 600), box, { edges }),
  )
  const variance = overFields(fields.map(field => field.error.map(error => error ** 2)))
  for (let bin = 0; bin < 5; bin++) {
    const ratio = Math.sqrt(variance.mean[bin] * expected[bin])
    // 24 fields of 27 regions know the variance to about 6%; sub-boxes are not quite independent at wide separations
    t.ok(ratio > 0.87 && ratio < 1.15, `bin ${bin}: jackknife over Poisson error ${ratio.toFixed(3)}`)
  }
})

t.test('on clusters the jackknife error is the scatter of fields, not the Poisson error', async t => {
  const near = [5, 40]
  const fields = Array.from({ length: 40 }, (_, f) => {
    const positions = clusteredPoints(makeKey(6).split(f), 250, 8, 30, 600)
    return correlationWithError(positions, box, { edges: near })
  })
  // the number of pairs in a cluster is fixed here, so the scatter lies below Poisson's: the jackknife must see that
  const scatter = overFields(fields.map(field => field.value)).scatter[0]
  const jackknife = overFields(fields.map(field => field.error)).mean[0]
  // 40 fields know their scatter to 11%
  t.ok(Math.abs(jackknife / scatter - 1) < 0.35, `jackknife ${jackknife.toFixed(4)}, scatter ${scatter.toFixed(4)}`)
})
