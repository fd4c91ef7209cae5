import t from 'tap'
import { DataError, makeKey, normal, periodicBox } from '../../core/index.js'
import type { Field } from '../../io/galaxies/field.js'
import {
  correlationFunction,
  multipoles,
  overFields,
  pairSums,
  redshiftMultipoles,
  redshiftSpace,
} from '../../statistics/index.js'
import { clusteredPoints, poissonPoints } from './clouds.js'

const box = periodicBox(500)
const edges = [5, 15, 30, 60, 100]

t.test('the monopole is the correlation function of the same positions', async t => {
  const positions = clusteredPoints(makeKey(1), 100, 8, 40, 500)
  t.same(multipoles(positions, box, edges).monopole, correlationFunction(positions, box, edges))
})

t.test('turning box and line of sight together changes nothing', async t => {
  const positions = clusteredPoints(makeKey(2), 100, 8, 40, 500)
  const turned = positions.map((_, at) => positions[3 * Math.floor(at / 3) + ((at + 1) % 3)])
  const straight = multipoles(positions, box, edges, 2)
  const other = multipoles(turned, box, edges, 1)
  for (const name of ['monopole', 'quadrupole', 'hexadecapole'] as const)
    for (let bin = 0; bin < 4; bin++) t.ok(Math.abs(straight[name][bin] - other[name][bin]) < 1e-9)
})

t.test('the quadrupoles about three axes cancel, since their cosines squared sum to one', async t => {
  const positions = clusteredPoints(makeKey(3), 100, 8, 40, 500)
  const looks = ([0, 1, 2] as const).map(axis => multipoles(positions, box, edges, axis).quadrupole)
  for (let bin = 0; bin < 4; bin++) t.ok(Math.abs(looks[0][bin] + looks[1][bin] + looks[2][bin]) < 1e-9)
})

t.test('pairs along the line of sight: xi_2 is 5 and xi_4 9 times the monopole of those pairs', async t => {
  // 200 pairs 10 apart along z and nothing else nearer than 12: L_l(1) = 1
  const perSide = 10
  const positions = Float32Array.from({ length: 6 * 200 }, (_, at) => {
    const pair = Math.floor(at / 6)
    const axis = at % 3
    const second = Math.floor(at / 3) % 2
    return axis === 0 ? (pair % perSide) * 50 : axis === 1 ? Math.floor(pair / perSide) * 25 : 100 + 10 * second
  })
  const { monopole, quadrupole, hexadecapole } = multipoles(positions, box, [8, 12])
  t.ok(Math.abs(quadrupole[0] / (5 * (monopole[0] + 1)) - 1) < 1e-6)
  t.ok(Math.abs(hexadecapole[0] / (9 * (monopole[0] + 1)) - 1) < 1e-6)
})

t.test('Poisson points have no multipoles, within errors', async t => {
  const looks = Array.from({ length: 12 }, (_, f) =>
    multipoles(poissonPoints(makeKey(4).split(f), 1500, 500), box, edges),
  )
  for (const name of ['monopole', 'quadrupole', 'hexadecapole'] as const) {
    const { mean, standardError } = overFields(looks.map(look => look[name]))
    for (let bin = 1; bin < 4; bin++) t.ok(Math.abs(mean[bin]) < 4.5 * standardError[bin], `${name} ${mean[bin]}`)
  }
})

t.test('a shift along the line of sight is v / 100 today, and v (1 + z) / H(z) before', async t => {
  const field: Field = {
    points: 2,
    positions: Float32Array.of(10, 20, 30, 400, 499, 499),
    velocities: Float32Array.of(100, 200, 500, 0, 300, 200),
    box,
    theta: { omega_m: 0.3 },
  }
  t.same([...redshiftSpace(field)], [10, 20, 35, 400, 499, 1], 'wrapped')
  t.same([...redshiftSpace(field, 1)], [10, 22, 30, 400, 2, 499])
  // H(1) = 100 sqrt(.3 * 8 + .7) = 176.07 h km/s/Mpc
  t.ok(Math.abs(redshiftSpace(field, 2, 1)[2] - (30 + (500 * 2) / 176.0682)) < 1e-4)
  t.throws(() => redshiftSpace({ ...field, theta: {} }, 2, 1), DataError, 'omega_m is wanted above z = 0')
  t.throws(
    () => redshiftSpace({ points: 2, positions: field.positions, box, theta: {} }),
    DataError,
    'velocities are wanted',
  )
})

t.test('random velocities stretch clusters along the line of sight: the quadrupole turns positive near', async t => {
  const positions = clusteredPoints(makeKey(5), 300, 6, 4, 500)
  const velocities = normal(makeKey(6), positions.length).map(v => 600 * v)
  const field: Field = { points: positions.length / 3, positions, velocities, box, theta: {} }
  // Fingers of God: long along z means mu near 1
  const { quadrupole } = redshiftMultipoles(field, [8, 16])
  t.ok(quadrupole[0] > 1, `xi_2 ${quadrupole[0]}`)
})

t.test('pair sums know their regions: within and half of across make the total', async t => {
  const positions = poissonPoints(makeKey(7), 600, 500)
  const regions = { count: 5, of: Int32Array.from({ length: 600 }, (_, i) => i % 5) }
  const { total, within, across } = pairSums(positions, box, {
    edges,
    weights: [(dx, dy) => dx * dx + dy * dy],
    regions,
  })
  for (const row of [0, 1])
    for (let bin = 0; bin < 4; bin++) {
      let sum = 0
      for (let region = 0; region < 5; region++)
        sum += within[row][region * 4 + bin] + across[row][region * 4 + bin] / 2
      t.ok(Math.abs(sum / total[row][bin] - 1) < 1e-12)
    }
})
