import t from 'tap'
import { makeKey, UsageError } from '../../../core/index.js'
import { cosmologyOf, fiducial, growthRate, haloSimulator, linearPower } from '../../../simulators/index.js'

const rms = (x: Float32Array) => Math.sqrt(x.reduce((a, b) => a + b * b, 0) / x.length)

// seconds alone, more beside others
t.setTimeout(120_000)

t.test('a halo field', async t => {
  const simulator = haloSimulator(1)
  t.teardown(() => simulator.close())
  const options = { theta: fiducial, box: 300, grid: 48, points: 300 }
  const field = await simulator.run(makeKey(1), options)
  t.equal(field.points, options.points)
  t.ok(field.positions.every(x => x >= 0 && x < options.box))
  const masses = field.logMass ?? new Float32Array()
  t.ok(
    masses.every((m, i) => i === 0 || m <= masses[i - 1]),
    'heaviest first',
  )
  t.ok(masses[0] > 14.5 && masses[0] < 16)
  // linear theory: one component of the velocity is 100 f times the displacement's rms, sqrt(int P dk / 6 pi^2)
  const power = linearPower(cosmologyOf(fiducial))
  let integral = 0
  for (let k = (2 * Math.PI) / options.box; k < 0.4; k += 1e-4) integral += power(k) * 1e-4
  const linear = 100 * growthRate(cosmologyOf(fiducial), 1) * Math.sqrt(integral / (6 * Math.PI ** 2))
  const ratio = rms(field.velocities ?? new Float32Array()) / linear
  t.ok(ratio > 0.7 && ratio < 1.3, `velocity ${ratio} of linear theory (few long modes scatter it)`)
  t.same(await simulator.run(makeKey(1), options), field, 'the same key gives the same bytes')
  const shared = haloSimulator(2)
  t.teardown(() => shared.close())
  t.same(await shared.run(makeKey(1), options), field, 'on two threads too')
})

t.test('grids and boxes that cannot be', async t => {
  const simulator = haloSimulator(1)
  t.teardown(() => simulator.close())
  const run = (grid: number, box: number) => simulator.run(makeKey(1), { theta: fiducial, box, grid, points: 10 })
  for (const grid of [14, 33, 20.5, 514]) await t.rejects(run(grid, 200), UsageError, `grid ${grid}`)
  await t.rejects(run(16, 3000), /region of that size has collapsed/)
})
