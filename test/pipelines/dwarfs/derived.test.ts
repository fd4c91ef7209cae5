import fc from 'fast-check'
import t from 'tap'
import { makeKey } from '../../../core/index.js'
import { quantiles } from '../../../pipelines/answers/quantiles.js'
import { dUnit, jUnit, makeCone } from '../../../pipelines/dwarfs/cone.js'
import {
  circularPeak,
  derivedQuantities,
  dispersionBand,
  logRadii,
  profileBands,
} from '../../../pipelines/dwarfs/derived.js'
import { distanceRatios } from '../../../pipelines/dwarfs/distances.js'
import { lineOfSightDispersion, makeGnfw, newtonG } from '../../../simulators/index.js'

const near = (a: number, b: number, relative: number) => Math.abs(a - b) <= relative * Math.abs(b)

/** X of Evans, Sanders and Geringer-Sameth 2016 */
const evansX = (y: number) =>
  y < 1 ? Math.acosh(1 / y) / Math.sqrt(1 - y * y) : Math.acos(1 / y) / Math.sqrt(y * y - 1)

t.test(
  'J and D of an NFW halo far away: the formulae of Evans, Sanders and Geringer-Sameth 2016 (arXiv 1604.05599)',
  async t => {
    const distance = 1e5
    for (const y of [0.1, 0.5, 0.9, 2, 10, 1000]) {
      const cone = makeCone(distance, (Math.atan(y / distance) * 180) / Math.PI)
      const { j, d } = cone.factors({ gamma: 1, r_s: 1, rho_0: 1 })
      const delta = 1 - y * y
      const bracket =
        2 * y * (7 * y - 4 * y ** 3 + 3 * Math.PI * delta ** 2) + 6 * (2 * delta ** 3 - 2 * delta - y ** 4) * evansX(y)
      t.ok(near((j / jUnit) * distance ** 2, (Math.PI / (3 * delta ** 2)) * bracket, 1e-6), `J at y = ${y}`)
      const mass = 4 * Math.PI * (Math.log(y / 2) + evansX(y))
      // The whole line of sight beyond the halo, which the formula has at infinity, weighs a little where y is large
      t.ok(near((d / dUnit) * distance ** 2, mass, y > 100 ? 2e-2 : 1e-5), `D at y = ${y}`)
    }
  },
)

t.test('the whole of a distant halo: a beta function of its slope, and the unit that others use', async t => {
  // 4 pi B(3 - 2 gamma, 3) = 8 pi / ((3 - 2 gamma) (4 - 2 gamma) (5 - 2 gamma))
  const whole = fc.property(fc.double({ min: -1, max: 1.4, noNaN: true }), gamma => {
    const [distance, p] = [1e6, 3 - 2 * gamma]
    const { j } = makeCone(distance, 0.2, Number.POSITIVE_INFINITY).factors({ gamma, r_s: 1, rho_0: 1 })
    return near((j / jUnit) * distance ** 2, (8 * Math.PI) / (p * (p + 1) * (p + 2)), 1e-5)
  })
  t.doesNotThrow(() => fc.assert(whole, { seed: 3 }))
  // Evans et al.'s code: 1 GeV^2 cm^-5 is 2.248233e-7 Msun^2 kpc^-5, 1 GeV cm^-2 is 8.535823e-15 Msun kpc^-2
  t.ok(near(1 / jUnit, 2.248233e-7, 1e-3) && near(1 / dUnit, 8.535823e-15, 1e-3))
})

t.test('J and D of haloes that are near, by a double integral over angles and lines of sight', async t => {
  // scipy 1.x: quad over ln(angle) of quad over the line of sight at (gamma, r_s, rho_0, D, degrees); log10 J and log10
  // D
  const golden = [
    [1, 1, 1e7, 100, 0.5, 17.2204050016, 17.5893545543],
    [0.2, 3, 1e6, 30, 0.5, 15.4170174444, 17.0342823809],
    [-0.7, 0.3, 3e7, 80, 0.5, 15.3447076176, 16.7378915575],
    [1.4, 8, 2e5, 25, 5, 18.80829, 19.4191261619],
    [1, 5, 1e6, 150, 0.1, 16.3077633486, 16.5477855772],
  ]
  for (const [gamma, r_s, rho_0, distance, angle, j, d] of golden) {
    const found = makeCone(distance, angle, Number.POSITIVE_INFINITY).factors({ gamma, r_s, rho_0 })
    t.ok(Math.abs(Math.log10(found.j) - j) < (gamma > 1 ? 1e-5 : 1e-9), `J: ${Math.log10(found.j)}`)
    t.ok(Math.abs(Math.log10(found.d) - d) < 1e-9, `D: ${Math.log10(found.d)}`)
  }
})

t.test('a cusp of 1.5 and more is cut where the density saturates, without a step at 1.5', async t => {
  const cone = makeCone(100, 0.5)
  const at = (gamma: number) => cone.factors({ gamma, r_s: 1, rho_0: 1e7 })
  t.ok(near(at(1.5 - 1e-9).j, at(1.5 + 1e-9).j, 1e-6))
  t.equal(at(1.49).cutAt, 0)
  const { cutAt } = at(1.8)
  t.ok(near(makeGnfw({ gamma: 1.8, r_s: 1, rho_0: 1e7 }).density(cutAt), 3e18, 1e-4))
  const theta = [1.8, 0, 7, -0.5, -0.1, 0, 0.5, 0, 7, -0.5, -0.1, 0]
  const { notes } = derivedQuantities(theta, { distance: 100 })
  t.match(notes.join(), /In 50% of the draws the inner slope is 1.5 or more.*held at 3e\+18 Msun\/kpc3/)
})

t.test('the peak of the circular velocity', async t => {
  // NFW: x_max = 2.16258, V_max^2 = 0.216217 4 pi G rho_0 r_s^2 (Klypin et al. 2001, astro-ph/0006343)
  const { radius, velocity } = circularPeak(makeGnfw({ gamma: 1, r_s: 2, rho_0: 1e7 }))
  t.ok(near(radius / 2, 2.16258, 1e-5))
  t.ok(near(velocity ** 2, 0.216217 * 4 * Math.PI * newtonG * 1e7 * 4, 1e-4))
  const peak = fc.property(fc.double({ min: -1, max: 1.95, noNaN: true }), gamma => {
    const halo = makeGnfw({ gamma, r_s: 1, rho_0: 1e7 })
    const found = circularPeak(halo)
    const speed = (r: number) => Math.sqrt((newtonG * halo.enclosedMass(r)) / r)
    return [0.5, 0.9, 1.1, 2].every(f => speed(f * found.radius) < found.velocity)
  })
  t.doesNotThrow(() => fc.assert(peak, { seed: 4, numRuns: 40 }))
  t.equal(circularPeak(makeGnfw({ gamma: 2, r_s: 1, rho_0: 1e7 })).radius, 0)
})

t.test('bands of one draw are its curves, those of many are in order', async t => {
  const one = [0.7, 0.3, 6.8, -0.4, -0.3, 0.1]
  const r = logRadii(0.02, 5, 9)
  const halo = makeGnfw({ gamma: 0.7, r_s: 10 ** 0.3, rho_0: 10 ** 6.8 })
  const { rho, mass, beta } = profileBands(one, r)
  for (const [k, radius] of r.entries()) {
    t.ok(near(rho.q50[k], halo.density(radius), 1e-9) && near(mass.q025[k], halo.enclosedMass(radius), 1e-9))
  }
  t.ok(beta.q50[0] < -0.29 && beta.q50[8] > 0.9)
  const sigma = dispersionBand(one, r)
  const tracer = { r_star: 10 ** -0.4, beta_0: -0.3, r_a: 10 ** 0.1 }
  const wanted = lineOfSightDispersion(r, tracer, { gamma: 0.7, r_s: 10 ** 0.3, rho_0: 10 ** 6.8 })
  t.ok(sigma.q84.every((value, k) => near(value, wanted[k], 1e-4)))
  const many = Array.from({ length: 50 }, (_, i) => one.map((x, p) => x + 0.1 * Math.sin(7 * i + p))).flat()
  const bands = { ...profileBands(many, r), sigma: dispersionBand(many, r) }
  for (const [name, band] of Object.entries(bands)) {
    const rows = [band.q025, band.q16, band.q50, band.q84, band.q975]
    t.ok(
      rows.slice(1).every((row, q) => row.every((value, k) => value > rows[q][k])),
      name,
    )
  }
  const { quantities } = derivedQuantities(many, { distance: 80 })
  t.same(
    quantities.map(q => q.name),
    ['v_max', 'r_max', 'rho_150', 'log10_j', 'log10_d'],
  )
  t.ok(quantities.every(q => q.q05 < q.q16 && q.q16 < q.q50 && q.q50 < q.q84 && q.q84 < q.q95))
  t.equal(derivedQuantities(many).quantities.length, 3)
})

t.test('weighted quantiles: equal weights are none, no weight is no value', async t => {
  const values = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 2, maxLength: 30 })
  const shares = [0.05, 0.3, 0.5, 0.97]
  const law = fc.property(values, v => {
    const plain = quantiles(v, shares)
    const weighed = quantiles([...v, 1e9, -1e9], shares, [...v.map(() => 0.7), 0, 0])
    return plain.every((q, i) => Math.abs(q - weighed[i]) < 1e-9)
  })
  t.doesNotThrow(() => fc.assert(law, { seed: 9 }))
  t.ok(near(quantiles([0, 1], [0.5], [1, 3])[0], 0.75, 1e-12))
})

t.test('an uncertain distance: its own interval, and J and D that spread with it', async t => {
  const n = 10_000
  const [gamma, log10_r_s, log10_rho_0] = [0.8, -0.3, 7.5]
  const theta = Float64Array.from({ length: 6 * n }, (_, i) => [gamma, log10_r_s, log10_rho_0, -0.4, -0.1, 0][i % 6])
  const ratios = distanceRatios({ value: 142.56, minus: 3.22, plus: 5.3, places: 'kpc' }, n, makeKey(61))
  const [low, middle, high] = quantiles(ratios, [0.16, 0.5, 0.84])
  t.ok(Math.abs(low * 142.56 - 139.34) < 0.15 && Math.abs(high * 142.56 - 147.86) < 0.25, `${low} to ${high}`)
  t.ok(Math.abs(middle - 1) < 1e-3)
  const valuesOf = (places?: 'angles' | 'kpc') => {
    const { quantities } = derivedQuantities(theta, { distance: 142.56, ...(places && { spread: { ratios, places } }) })
    return Object.fromEntries(quantities.map(({ name, values }) => [name, values]))
  }
  const [exact, angles, kpc] = [valuesOf(), valuesOf('angles'), valuesOf('kpc')]
  for (let i = 0; i < n; i += 501) {
    // The galaxy as it is, from the other distance
    const there = makeCone(142.56 * ratios[i], 0.5).factors({ gamma, r_s: 10 ** log10_r_s, rho_0: 10 ** log10_rho_0 })
    t.ok(Math.abs(kpc.log10_j[i] - Math.log10(there.j)) < 1e-8 && Math.abs(kpc.log10_d[i] - Math.log10(there.d)) < 1e-8)
    // J ~ sigma^4 / (d^2 r_half) with r_half ~ d: Pace and Strigari 2019 (arXiv 1802.06811), abstract
    t.ok(Math.abs(angles.log10_j[i] - exact.log10_j[i] + 3 * Math.log10(ratios[i])) < 1e-9)
    t.ok(Math.abs(angles.log10_d[i] - exact.log10_d[i] + Math.log10(ratios[i])) < 1e-9)
  }
  t.same([angles.v_max, kpc.rho_150], [exact.v_max, exact.rho_150])
  const none = distanceRatios({ value: 50, minus: 0, plus: 0, places: 'kpc' }, 10, makeKey(1))
  t.ok(none.every(ratio => ratio === 1))
})
