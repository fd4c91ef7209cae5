import t from 'tap'
import { makeKey, UsageError } from '../../../src/core/index.js'
import { complexGrid, transform, waveNumbers } from '../../../src/simulators/halos/fourier.js'
import {
  cosmologyOf,
  displacement,
  fiducial,
  filteredPair,
  gaussianField,
  growthRate,
  linearPower,
  simulateHalos,
} from '../../../src/simulators/index.js'

const rms = (x: Float32Array) => Math.sqrt(x.reduce((a, b) => a + b * b, 0) / x.length)

t.test('the transform is the direct sum', async t => {
  const n = 4
  const grid = complexGrid(n)
  for (let i = 0; i < grid.re.length; i++) grid.re[i] = Math.sin(i * i)
  const before = grid.re.slice()
  transform(grid, 'forward')
  const [kx, ky, kz] = [1, 3, 2]
  let re = 0
  let im = 0
  for (let i = 0; i < n ** 3; i++) {
    const phase = (-2 * Math.PI * (kx * Math.floor(i / 16) + ky * (Math.floor(i / 4) % 4) + kz * (i % 4))) / n
    re += before[i] * Math.cos(phase)
    im += before[i] * Math.sin(phase)
  }
  const at = kx * 16 + ky * 4 + kz
  t.ok(Math.abs(grid.re[at] - re) < 1e-5 && Math.abs(grid.im[at] - im) < 1e-5)
  transform(grid, 'inverse')
  t.ok(before.every((value, i) => Math.abs(value - grid.re[i]) < 1e-6))
})

t.test('a Gaussian field has the power asked for', async t => {
  const [n, box] = [64, 500]
  const power = linearPower(cosmologyOf(fiducial))
  const field = gaussianField(makeKey(5), power, n, box)
  const k = waveNumbers(n, box)
  // band by band: mean of |delta_k|^2 V / n^6 over P(k), with its own standard error 1 / sqrt(pairs of modes)
  const bands = [0.03, 0.06, 0.1, 0.15, 0.2, 0.3]
  for (let band = 0; band + 1 < bands.length; band++) {
    let sum = 0
    let modes = 0
    for (let i = 0; i < n ** 3; i++) {
      const size = Math.hypot(k[Math.floor(i / (n * n))], k[Math.floor(i / n) % n], k[i % n])
      if (size < bands[band] || size >= bands[band + 1]) continue
      sum += ((field.modes.re[i] ** 2 + field.modes.im[i] ** 2) * box ** 3) / n ** 6 / power(size)
      modes++
    }
    t.ok(Math.abs(sum / modes - 1) < 4 / Math.sqrt(modes / 2), `band ${bands[band]}: ${sum / modes}`)
  }
})

t.test('the displacement of a plane wave is its closed form', async t => {
  const [n, box] = [16, 100]
  const modes = complexGrid(n)
  const k = (2 * Math.PI * 2) / box
  for (let x = 0; x < n; x++)
    for (let y = 0; y < n; y++) for (let z = 0; z < n; z++) modes.re[(x * n + y) * n + z] = Math.cos((k * y * box) / n)
  transform(modes, 'forward')
  const psi = displacement({ modes, box }, () => 1)
  // delta = cos(k y) = -dpsi/dy, so psi_y = -sin(k y) / k and nothing along x and z
  for (let y = 0; y < n; y++) t.ok(Math.abs(psi[1][y * n + 3] + Math.sin((k * y * box) / n) / k) < 1e-3)
  t.ok(rms(psi[0]) < 1e-4 && rms(psi[2]) < 1e-4)
})

t.test('a pair of filters gives two real fields', async t => {
  const field = gaussianField(makeKey(1), k => (k > 0 ? 1e4 * Math.exp(-k * 20) : 0), 16, 300)
  const pair = filteredPair(
    field,
    () => 1,
    () => 2,
  )
  t.ok(pair.re.every((value, i) => Math.abs(2 * value - pair.im[i]) < 1e-5 * rms(pair.im) * 10))
})

t.test('a halo field', async t => {
  const field = simulateHalos(makeKey(1), { theta: fiducial, box: 500, grid: 64, points: 700 })
  t.ok(field.points > 300 && field.points <= 700)
  t.ok(field.positions.every(x => x >= 0 && x < 500))
  const masses = field.logMass ?? new Float32Array()
  t.ok(
    masses.every((m, i) => i === 0 || m <= masses[i - 1]),
    'heaviest first',
  )
  t.ok(masses[0] > 14.5 && masses[0] < 16.5)
  // linear theory: one component of the velocity is 100 f times the displacement's rms, sqrt(int P dk / 6 pi^2)
  const power = linearPower(cosmologyOf(fiducial))
  let integral = 0
  for (let k = (2 * Math.PI) / 500; k < 0.4; k += 1e-4) integral += power(k) * 1e-4
  const linear = 100 * growthRate(cosmologyOf(fiducial), 1) * Math.sqrt(integral / (6 * Math.PI ** 2))
  const ratio = rms(field.velocities ?? new Float32Array()) / linear
  t.ok(ratio > 0.6 && ratio < 1.3, `velocity ${ratio} of linear theory (smoothing lowers it, few long modes scatter it)`)
  const again = simulateHalos(makeKey(1), { theta: fiducial, box: 500, grid: 64, points: 700 })
  t.same(again.positions, field.positions, 'the same key gives the same bytes')
  t.throws(() => simulateHalos(makeKey(1), { theta: fiducial, box: 500, grid: 100, points: 10 }), UsageError)
  t.throws(() => simulateHalos(makeKey(1), { theta: fiducial, box: 3000, grid: 16, points: 10 }), /region of that size has collapsed/)
})
