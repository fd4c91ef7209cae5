import t from 'tap'
import { countBelow, makeKey, normal, periodicBox } from '../../core/index.js'
import { cumulativeMassFunction, massFunction, pairwiseVelocity } from '../../statistics/index.js'
import { poissonPoints } from './clouds.js'

const box = periodicBox(400)

t.test('linear infall v = -a x gives v12 = -a r, in every pair', async t => {
  // all points well inside one corner of the box, so that no pair crosses its wall
  const positions = poissonPoints(makeKey(1), 400, 150)
  const velocities = positions.map(x => -3 * x)
  const edges = [10, 10.001, 20, 20.01, 60, 60.01, 99, 99.01]
  const v12 = pairwiseVelocity(positions, velocities, box, edges)
  for (const bin of [2, 4, 6]) {
    t.ok(Math.abs(v12[bin] + 3 * edges[bin]) < 0.1 || Number.isNaN(v12[bin]), `v12 ${v12[bin]} at ${edges[bin]}`)
  }
  const wide = pairwiseVelocity(positions, velocities, box, [40, 41])
  t.ok(wide[0] < -120 && wide[0] > -123)
})

t.test('a common motion and another pace leave v12 as they must', async t => {
  const positions = poissonPoints(makeKey(2), 500, 400)
  const velocities = normal(makeKey(3), positions.length).map(v => Math.round(256 * v))
  const edges = [5, 20, 50, 120]
  const still = pairwiseVelocity(positions, velocities, box, edges)
  const moving = pairwiseVelocity(
    positions,
    velocities.map((v, at) => v + [512, -256, 64][at % 3]),
    box,
    edges,
  )
  const faster = pairwiseVelocity(
    positions,
    velocities.map(v => 2 * v),
    box,
    edges,
  )
  for (let bin = 0; bin < 3; bin++) {
    t.ok(Math.abs(moving[bin] - still[bin]) < 1e-6)
    t.ok(Math.abs(faster[bin] - 2 * still[bin]) < 1e-6)
  }
})

t.test('two halos that approach over the wall of the box', async t => {
  const positions = Float32Array.of(395, 0, 0, 5, 0, 0)
  t.same([...pairwiseVelocity(positions, Float32Array.of(100, 7, 7, -50, 7, 7), box, [5, 20, 30])], [-150, Number.NaN])
})

t.test('the mass function counts what is at least as heavy', async t => {
  const logMass = Float32Array.of(13, 15, 14, 14.5, 14)
  t.same([...cumulativeMassFunction(logMass, [12, 13, 13.5, 14, 14.25, 15, 16], 10)], [0.5, 0.5, 0.4, 0.4, 0.2, 0.1, 0])
  t.same([...massFunction(logMass, [13, 14, 16], 10)], [0.1, 0.2], 'per decade')
  t.equal(countBelow(Float64Array.of(1, 2, 2, 3), 2), 1)
})
