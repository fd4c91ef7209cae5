import t from 'tap'
import { makeKey, normal, periodicBox, UsageError } from '../../../core/index.js'
import type { Field } from '../../../io/galaxies/field.js'
import {
  areaUnderCurve,
  neighbourhoods,
  twoSampleDefaults,
  twoSampleTest,
} from '../../../statistics/classifier/index.js'
import { clusteredPoints, poissonPoints } from '../clouds.js'

function fieldOf(positions: Float32Array, seed: number): Field {
  const points = positions.length / 3
  const velocities = normal(makeKey(seed).split('v'), 3 * points).map(v => 300 * v)
  const logMass = normal(makeKey(seed).split('m'), points).map(x => 14 + 0.1 * x)
  return { points, positions, velocities, logMass, box: periodicBox(400), theta: { omega_m: 0.3 } }
}
const poisson = (seed: number) => fieldOf(poissonPoints(makeKey(seed), 300, 400), seed)
const clustered = (seed: number) => fieldOf(clusteredPoints(makeKey(seed), 60, 5, 60, 400), seed)
const options = {
  ...twoSampleDefaults,
  channels: 'positions',
  points: 300,
  steps: 150,
  hidden: 16,
  batch: 256,
  threads: 1,
} as const
const pairs = (drawn: (seed: number) => Field) =>
  Array.from({ length: 8 }, (_, i) => ({ drawn: drawn(100 + i), simulated: poisson(i) }))

t.test('a neighbourhood is the same however the box is moved, turned or mirrored', async t => {
  // coordinates on a grid of 1/64: moved by 100, nothing is rounded
  const field = clustered(1)
  const positions = field.positions.map(x => Math.floor(x * 64) / 64)
  const velocities = field.velocities ?? positions
  const turn = (array: Float32Array) => array.map((_, at) => array[3 * Math.floor(at / 3) + ((at + 1) % 3)])
  const points = Int32Array.from([0, 5, 77, 299])
  const of = (changes: Partial<Field>) => neighbourhoods({ ...field, positions, ...changes }, points, 'all')
  const base = of({})
  t.equal(base.values.length, 4 * base.width)
  for (const [name, other] of Object.entries({
    moved: of({ positions: positions.map(x => (x + 100) % 400) }),
    turned: of({ positions: turn(positions), velocities: turn(velocities) }),
    mirrored: of({
      positions: positions.map((x, at) => (at % 3 === 1 ? (400 - x) % 400 : x)),
      velocities: velocities.map((v, at) => (at % 3 === 1 ? -v : v)),
    }),
  }))
    for (const [at, value] of other.values.entries())
      t.ok(Math.abs(value - base.values[at]) < 1e-4 * (1 + Math.abs(value)), `${name}, entry ${at}`)
  const alone = neighbourhoods({ ...field, positions }, points, 'positions')
  t.same(alone.values.subarray(0, alone.width), base.values.subarray(0, alone.width), 'positions come first')
  t.ok(alone.width < base.width)
})

t.test('a neighbourhood holds the distances to the nearest points', async t => {
  const positions = Float32Array.from({ length: 60 }, (_, at) => (at % 3 === 0 ? 5 + 10 * (at / 3) : 200))
  const field: Field = { points: 20, positions, box: periodicBox(400), theta: {} }
  const { values } = neighbourhoods(field, Int32Array.of(0), 'positions')
  const separation = Math.cbrt(400 ** 3 / 20)
  for (let k = 0; k < 16; k++) t.ok(Math.abs(values[k] - Math.log((10 * (k + 1)) / separation)) < 1e-5)
  // all to one side, on a line: |mean direction| = 1, and sqrt(4/9 + 1/9 + 1/9)
  for (const at of [16, 18, 20]) t.ok(Math.abs(values[at] - 1) < 1e-6)
  for (const at of [17, 19, 21]) t.ok(Math.abs(values[at] - Math.sqrt(2 / 3)) < 1e-6)
})

t.test('fields of one kind are not told apart, of another kind they are', async t => {
  const same = await twoSampleTest(pairs(poisson), options, makeKey(1))
  t.equal(same.pairs, 8)
  t.equal(same.points_per_field, 300)
  t.ok(Math.abs(same.accuracy.value - 0.5) < 0.05, `${same.accuracy.value} +- ${same.accuracy.error}`)
  t.ok(Math.abs(same.auc.value - 0.5) < 0.06, `${same.auc.value} +- ${same.auc.error}`)
  const other = await twoSampleTest(pairs(clustered), options, makeKey(1))
  t.ok(other.accuracy.value > 0.8, `${other.accuracy.value}`)
  t.ok(other.auc.value > 0.9, `${other.auc.value}`)
  t.ok(other.accuracy.error > 0 && other.accuracy.error < 0.05)
  t.same(await twoSampleTest(pairs(clustered), options, makeKey(1)), other, 'the same key, the same answer')
})

t.test('a field that a fold holds back is not learnt by heart', async t => {
  // eight different fields on either side of one kind, and every point of each in training but for its fold: a
  // classifier that knew a field again would be far from even odds, as it is when tried on what it was trained on
  const few = pairs(clustered).map(({ drawn }, i) => ({ drawn, simulated: clustered(200 + i) }))
  const { auc } = await twoSampleTest(few, { ...options, steps: 400 }, makeKey(2))
  t.ok(Math.abs(auc.value - 0.5) < 0.08, `${auc.value} +- ${auc.error}`)
})

t.test('what only velocities tell is told by all channels alone', async t => {
  const slow = (seed: number) => {
    const field = poisson(seed)
    return { ...field, velocities: (field.velocities ?? field.positions).map(v => 0.6 * v) }
  }
  const all = await twoSampleTest(pairs(slow), { ...options, channels: 'all' }, makeKey(1))
  t.ok(all.accuracy.value > 0.65, `${all.accuracy.value}`)
  const blind = await twoSampleTest(pairs(slow), options, makeKey(1))
  t.ok(Math.abs(blind.accuracy.value - 0.5) < 0.05, `${blind.accuracy.value}`)
})

t.test('the area under the curve counts pairs, ties half; three pairs of fields are too few', async t => {
  t.equal(areaUnderCurve(Float32Array.of(3, 4), Float32Array.of(1, 2)), 1)
  t.equal(areaUnderCurve(Float32Array.of(1, 2), Float32Array.of(1, 2)), 0.5)
  // 2 is above three of four; 1 above one, and even with two
  t.equal(areaUnderCurve(Float32Array.of(2, 1), Float32Array.of(1, 1, 3, 0)), 5 / 8)
  await t.rejects(twoSampleTest(pairs(poisson).slice(0, 3), options, makeKey(1)), UsageError)
})
