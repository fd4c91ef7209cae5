import t from 'tap'
import { makeKey, normal } from '../../../core/index.js'
import type { Dwarf } from '../../../io/dwarfs/dwarf.js'
import { binnedDispersion } from '../../../pipelines/dwarfs/binnedDispersion.js'
import { checkDispersion } from '../../../pipelines/dwarfs/predictive.js'
import { dwarfNames, dwarfPrior, fromUnitCube } from '../../../simulators/dwarfs/index.js'
import { jeansStars } from './jeansStars.js'

const key = makeKey(20261122)
const theta = fromUnitCube([0.6, 0.5, 0.7, 0.5, 0.5, 0.5], dwarfPrior)
const draw = Float64Array.from(dwarfNames, name => theta[name])

/** Stars of theta whose dispersion is `factor(R / r*)` times what the Jeans equation says. */
function stars(count: number, name: string, factor?: (x: number) => number): Dwarf {
  return jeansStars(key.split(name), count, theta, { systemicVelocity: -40, error: 3, factor })
}

t.test('a dispersion without errors is the root mean square, its interval sigma / sqrt(2 n)', async t => {
  const v = Float64Array.from(normal(key, 400), z => 8 * z)
  const rms = Math.sqrt(v.reduce((sum, x) => sum + x * x, 0) / v.length)
  const ones = new Float64Array(400).fill(1)
  const { sigma, low, high } = binnedDispersion(v, new Float64Array(400), ones)
  t.ok(Math.abs(sigma / rms - 1) < 1e-6, `${sigma}, ${rms}`)
  t.ok(Math.abs((high - low) / 2 / (rms / Math.sqrt(800)) - 1) < 0.02, `${low} to ${high}`)
  // equal errors come off in squares; errors larger than the spread leave nothing
  const less = binnedDispersion(v, new Float64Array(400).fill(5), ones)
  t.ok(Math.abs(less.sigma - Math.sqrt(rms ** 2 - 25)) < 1e-5)
  const none = binnedDispersion(v, new Float64Array(400).fill(12), ones)
  t.same([none.sigma, none.low], [0, 0])
  t.ok(none.high > 0)
  // a star that counts nothing might as well not be there
  const stray = Float64Array.from(v, (x, i) => (i === 0 ? 300 : x))
  const without = binnedDispersion(v.subarray(1), new Float64Array(399), ones.subarray(1))
  t.ok(
    Math.abs(
      binnedDispersion(
        stray,
        new Float64Array(400),
        ones.map((_, i) => +(i > 0)),
      ).sigma - without.sigma,
    ) < 1e-5,
  )
})

t.test('galaxies of the model pass, those whose profile no draw has do not', async t => {
  const draws = Float64Array.from({ length: 6 * 200 }, (_, i) => draw[i % 6])
  const ps = Array.from(
    { length: 40 },
    (_, i) => checkDispersion(stars(100, `galaxy ${i}`), draws, key.split(i), { draws: 60 }).p,
  )
  // with theta known the p-value is uniform
  const mean = ps.reduce((a, b) => a + b) / ps.length
  t.ok(Math.abs(mean - 0.5) < 4 / Math.sqrt(12 * 40), `${mean}`)
  const tilted = checkDispersion(
    stars(100, 'tilted', x => (x > 1 ? 2 : 0.4)),
    draws,
    key,
  )
  t.ok(tilted.p < 0.01, `${tilted.p}`)
})

t.test('bins tell where the stars are and what was expected of them', async t => {
  const galaxy = stars(1000, 'many')
  const draws = Float64Array.from(
    { length: 6 * 50 },
    (_, i) => draw[i % 6] + (i % 6 === 2 ? (Math.floor(i / 6) - 25) / 250 : 0),
  )
  const { bins, systemicVelocity } = checkDispersion(galaxy, draws, key, { bins: 5 })
  t.ok(Math.abs(systemicVelocity + 40) < 2, `${systemicVelocity}`)
  t.same(
    bins.map(bin => bin.stars),
    [200, 200, 200, 200, 200],
  )
  for (const [i, { low, high, radius, predicted, observed }] of bins.entries()) {
    t.ok(low <= radius && radius <= high && (i === 0 || low >= bins[i - 1].high))
    t.ok(predicted.every((sigma, q) => q === 0 || sigma >= predicted[q - 1]))
    t.ok(predicted[4] > 1.1 * predicted[0])
    const error = (observed.high - observed.low) / 2
    t.ok(Math.abs(observed.sigma - predicted[2]) < 4 * error, `${observed.sigma} +- ${error}, ${predicted[2]}`)
  }
})
