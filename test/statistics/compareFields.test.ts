import t from 'tap'
import { DataError, makeKey, normal, periodicBox, uniform } from '../../core/index.js'
import type { Field } from '../../io/galaxies/field.js'
import {
  compareFields,
  compareStatistics,
  correlationFunction,
  fieldStatistics,
  groupByCosmology,
  overFields,
  statisticsFor,
  triangleShells,
} from '../../statistics/index.js'
import { clusteredPoints } from './clouds.js'

/** A field of clusters: enough of a universe for every statistic. */
function fieldOf(seed: number, spread = 60, theta = { omega_m: 0.3 }): Field {
  const key = makeKey(seed)
  const positions = clusteredPoints(key, 100, 8, spread, 400)
  const points = positions.length / 3
  return {
    points,
    positions,
    velocities: normal(key.split('v'), 3 * points).map(v => 300 * v),
    logMass: uniform(key.split('m'), points).map(u => 14 - Math.log10(u)),
    box: periodicBox(400),
    theta,
  }
}

/** few query points and modes: nothing here rests on the precision of a distribution */
const quick = { knnGrid: 8, triangles: triangleShells(periodicBox(400), 2) }

const fields = (from: number, count: number, spread?: number) =>
  Array.from({ length: count }, (_, i) => fieldOf(from + i, spread))

/** What is measured of positions alone. */
const ofPairs = ['xi', 'xi_fine']
const ofPositions = ['power', 'bispectrum_equilateral', 'bispectrum_squeezed', 'knn_1', 'knn_5', 'knn_9']

t.test('fields of one kind agree, fields of another kind do not', async t => {
  const same = compareFields(fields(0, 5), fields(100, 5), quick)
  t.equal(same.passed, true)
  const other = compareFields(fields(0, 5, 25), fields(100, 5), quick)
  t.equal(other.passed, false)
  t.equal(other.metrics.xi_12_18.passed, false)
  t.ok((other.metrics.xi_12_18.ratio ?? 0) > 1.2)
})

t.test('a comparison has a curve a statistic, and metrics bin by bin', async t => {
  const { curves, metrics } = compareFields(fields(0, 3), fields(100, 4), quick)
  t.same(Object.keys(curves), [...ofPairs, 'xi_0', 'xi_2', 'xi_4', ...ofPositions, 'v12', 'mass_function'])
  t.same(curves.xi.x, [2, 5, 8, 12, 18, 25, 35, 50, 70, 90, 110, 130, 150])
  for (const [name, curve] of Object.entries(curves)) {
    t.equal(curve.error.length, curve.value.length, name)
    t.equal(curve.reference?.length, curve.value.length, name)
    t.equal(curve.reference_error?.length, curve.value.length, name)
  }
  const xi = fields(0, 3).map(field => correlationFunction(field.positions, field.box))
  t.same(curves.xi.value, overFields(xi).mean)
  t.equal(metrics.xi_12_18.value, curves.xi.value[3])
  t.equal(metrics.xi_12_18.reference, curves.xi.reference?.[3])
  t.equal(metrics.xi_12_18.error, curves.xi.error[3])
  t.equal(metrics.v12_12_18.unit, 'km/s')
  t.ok(Math.abs(metrics.mass_function_ratio.value - 1) < 0.3)
  t.doesNotThrow(() => JSON.parse(JSON.stringify({ curves, metrics })))
})

t.test('a single field brings its jackknife error; positions alone have no more than they allow', async t => {
  const { velocities: _v, logMass: _m, ...bare } = fieldOf(1)
  const comparison = compareFields([bare], [], quick)
  t.same(Object.keys(comparison.curves), [...ofPairs, ...ofPositions])
  t.ok(comparison.curves.xi.error.every(error => error > 0))
  t.equal(comparison.passed, undefined, 'no reference, no verdict')
})

t.test('statistics do not care where the box begins or how its axes are called', async t => {
  // coordinates on a grid of 1/64 and grid queries moved by whole steps: everything but redshift space is exact
  const field = fieldOf(2)
  const positions = field.positions.map(x => Math.floor(x * 64) / 64)
  const options = statisticsFor([field], { triangles: quick.triangles })
  const base = fieldStatistics({ ...field, positions }, options)
  const moved = fieldStatistics({ ...field, positions: positions.map(x => (x + 100) % 400) }, options)
  const turn = (array: Float32Array) => array.map((_, at) => array[3 * Math.floor(at / 3) + ((at + 1) % 3)])
  const turned = fieldStatistics(
    { ...field, positions: turn(positions), velocities: turn(field.velocities ?? positions) },
    options,
  )
  for (const name of ['xi', 'xi_fine', 'knn_1', 'knn_5', 'knn_9', 'mass_function'])
    for (const other of [moved, turned]) t.same(other[name].value, base[name].value, name)
  for (const name of ['v12', 'xi_0', 'xi_2', 'xi_4'])
    for (const [bin, value] of turned[name].value.entries())
      t.ok(Math.abs(value - base[name].value[bin]) < 1e-6 * Math.max(1, Math.abs(value)) || Number.isNaN(value), name)
})

t.test('a mean over fields has the spread of its rows', async t => {
  const { mean, scatter, standardError } = overFields([
    [1, 5],
    [2, Number.NaN],
    [3, 7],
  ])
  t.same(mean, [2, 6])
  t.same(scatter, [1, Math.SQRT2])
  t.same(standardError, [1 / Math.sqrt(3), 1])
  t.throws(() => compareStatistics([]), DataError)
})

t.test('fields are grouped by the parameters they share', async t => {
  const of = (omega_m: number, rest: Record<string, number> = {}) => ({ ...fieldOf(1), theta: { omega_m, ...rest } })
  const groups = groupByCosmology([of(0.3), of(0.2), of(0.3)], [of(0.2, { h: 0.7 }), of(0.3, { h: 0.7 }), of(0.4)])
  t.same(
    groups.map(group => [group.theta.omega_m, group.samples.length, group.references.length]),
    [
      [0.3, 2, 1],
      [0.2, 1, 1],
    ],
  )
})
