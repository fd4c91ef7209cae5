import fc from 'fast-check'
import t from 'tap'
import { makeKey, normal, uniform } from '../../../core/index.js'
import type { StarTable } from '../../../io/index.js'
import { plummerCentre } from '../../../pipelines/dwarfs/centre.js'
import { knownGalaxy } from '../../../pipelines/dwarfs/knownGalaxy.js'
import { observeStars } from '../../../pipelines/dwarfs/observed.js'
import { systemicVelocity } from '../../../pipelines/dwarfs/systemicVelocity.js'
import { fromTangentPlane, onTangentPlane } from '../../../pipelines/dwarfs/tangentPlane.js'

const degree = Math.PI / 180
const key = makeKey(7)

/** Plummer stars of scale 1 about the origin, `[2 n]` */
function plummer(name: string, n: number): Float64Array {
  const u = uniform(key.split(name), 2 * n)
  const out = new Float64Array(2 * n)
  for (let i = 0; i < n; i++) {
    const radius = Math.sqrt(u[2 * i] / (1 - u[2 * i]))
    out.set([radius * Math.cos(2 * Math.PI * u[2 * i + 1]), radius * Math.sin(2 * Math.PI * u[2 * i + 1])], 2 * i)
  }
  return out
}

function table(
  parts: Pick<StarTable, 'coordinates' | 'first' | 'second' | 'velocities'> & Partial<StarTable>,
): StarTable {
  const stars = parts.first.length
  return { path: 'stars.csv', stars, velocityErrors: new Float64Array(stars).fill(2), ...parts }
}

t.test('the tangent plane and the sky are each other’s inverse', async t => {
  const place = fc.record({
    ra: fc.double({ min: 0, max: 359.9, noNaN: true }),
    dec: fc.double({ min: -85, max: 85, noNaN: true }),
  })
  const tangent = fc.double({ min: -0.3, max: 0.3, noNaN: true })
  const inverse = fc.property(place, tangent, tangent, (centre, x, y) => {
    const there = fromTangentPlane({ x, y }, centre)
    const [xi, eta] = onTangentPlane([there.ra], [there.dec], centre)
    return Math.abs(xi - x) < 1e-12 && Math.abs(eta - y) < 1e-12 && there.ra >= 0 && there.ra < 360
  })
  t.doesNotThrow(() => fc.assert(inverse, { seed: 11 }))
})

t.test('north is up and east is positive', async t => {
  const [xi, eta] = onTangentPlane([40.5], [-35.1], { ra: 39.9583, dec: -34.4997 })
  t.ok(xi > 0 && eta < 0)
  // The angle from the centre, by the spherical law of cosines
  const cosine =
    Math.sin(-35.1 * degree) * Math.sin(-34.4997 * degree) +
    Math.cos(-35.1 * degree) * Math.cos(-34.4997 * degree) * Math.cos((40.5 - 39.9583) * degree)
  t.ok(Math.abs(Math.atan(Math.hypot(xi, eta)) - Math.acos(cosine)) < 1e-9)
})

t.test('the centre of Plummer stars is found to its error, whatever lies far out', async t => {
  const chi = Array.from({ length: 200 }, (_, i) => {
    const centre = plummerCentre(plummer(`centre ${i}`, 100).map((x, at) => x + (at % 2 ? -2 : 5)))
    return ((centre.x - 5) ** 2 + (centre.y + 2) ** 2) / centre.error ** 2
  })
  // Mean of a chi squared with two degrees of freedom: 2, with a standard error of 0.14
  const mean = chi.reduce((a, b) => a + b) / chi.length
  t.ok(mean > 1.5 && mean < 2.8, `chi squared ${mean}`)
})

t.test('systemic velocity and dispersion are found to their errors, outliers or not', async t => {
  const found = Array.from({ length: 200 }, (_, i) => {
    const z = normal(key.split(`speeds ${i}`), 400)
    const errors = Float64Array.from({ length: 200 }, (_, s) => 1 + 9 * (s / 200))
    const velocities = Float64Array.from({ length: 200 }, (_, s) =>
      s < 3 ? 400 : 55 + 10 * z[s] + errors[s] * z[200 + s],
    )
    const { mean, meanError, dispersion, dispersionError, outliers } = systemicVelocity(velocities, errors)
    return { mean: (mean - 55) / meanError, spread: (dispersion - 10) / dispersionError, outliers }
  })
  for (const name of ['mean', 'spread'] as const) {
    const z = found.map(one => one[name])
    const [bias, square] = [z.reduce((a, b) => a + b) / 200, z.reduce((a, b) => a + b * b) / 200]
    t.ok(Math.abs(bias) < 0.35, `${name}: ${bias} errors off on average`)
    t.ok(square > 0.7 && square < 1.4, `${name}: squared deviations of ${square} squared errors`)
  }
  t.ok(found.every(one => one.outliers >= 3 && one.outliers <= 5))
})

t.test('stars laid about Fornax come back in kpc, at rest, without what its motion adds', async t => {
  const fornax = await knownGalaxy('fornax')
  const plane = plummer('fornax', 300).map(x => 0.6 * Math.max(-6, Math.min(6, x)))
  const places = Array.from({ length: 300 }, (_, i) =>
    fromTangentPlane({ x: plane[2 * i] / 142.56, y: plane[2 * i + 1] / 142.56 }, fornax),
  )
  const own = normal(key.split('own'), 300).map(z => 12 * z)
  const velocities = Float64Array.from(places, ({ ra, dec }, i) => {
    // V . n with V = 55.2 n_0 + 4.74 mu D (east, north), in Cartesian coordinates
    const basis = (a: number, d: number) => [Math.cos(d) * Math.cos(a), Math.cos(d) * Math.sin(a), Math.sin(d)]
    const [a, d] = [fornax.ra * degree, fornax.dec * degree]
    const east = [-Math.sin(a), Math.cos(a), 0]
    const north = [-Math.sin(d) * Math.cos(a), -Math.sin(d) * Math.sin(a), Math.cos(d)]
    const away = basis(a, d)
    const [e, n] = [0.381, -0.359].map(mu => 4.740470463533 * mu * 142.56)
    const bulk = away.map((x, axis) => 55.2 * x + e * east[axis] + n * north[axis])
    const sight = basis(ra * degree, dec * degree)
    return own[i] + bulk.reduce((sum, v, axis) => sum + v * sight[axis], 0)
  })
  const stars = table({
    coordinates: 'sky',
    first: Float64Array.from(places, p => p.ra),
    second: Float64Array.from(places, p => p.dec),
    velocities,
  })
  const { dwarf, distance, velocity, centre, notes } = observeStars(stars, { galaxy: fornax })
  t.equal(distance, 142.56)
  t.equal(centre?.from, 'table')
  t.ok(dwarf.positions.every((x, i) => Math.abs(x - plane[i]) < 1e-5))
  t.ok(dwarf.velocities.every((v, i) => Math.abs(v + velocity.mean - 55.2 - own[i]) < 1e-3))
  t.ok(Math.abs(velocity.mean - 55.2) < 4 * velocity.meanError)
  t.match(notes.join(' '), /perspective of Fornax's motion .* taken out/)
  const alone = observeStars(stars, { distance: 142.56 })
  t.ok(Math.hypot((alone.centre?.ra ?? 0) - fornax.ra, (alone.centre?.dec ?? 0) - fornax.dec) < 0.06)
  t.match(alone.notes.join(' '), /perspective in the velocities is left in/)
  t.throws(() => observeStars(stars), {
    name: 'UsageError',
    message: /expected a distance .*--distance KPC, or --galaxy NAME/,
  })
  t.throws(() => observeStars(stars, { distance: -3 }), { name: 'UsageError' })
  const draco = await knownGalaxy('draco')
  t.throws(() => observeStars(stars, { galaxy: draco }), {
    name: 'DataError',
    message: /expected stars of Draco at ra 260/,
  })
})

t.test('places in kpc are taken as they are, and a centre elsewhere is told of', async t => {
  const plane = plummer('plane', 200)
  const of = (axis: number, shift: number) => Float64Array.from({ length: 200 }, (_, i) => plane[2 * i + axis] + shift)
  const velocities = normal(key.split('plane speeds'), 200).map(z => 100 + 10 * z)
  const stars = { coordinates: 'plane' as const, second: of(1, 0), velocities: Float64Array.from(velocities) }
  const { dwarf, distance, notes } = observeStars(table({ ...stars, first: of(0, 0) }))
  t.equal(distance, undefined)
  t.same(notes, [])
  t.ok(dwarf.positions.every((x, i) => Math.abs(x - plane[i]) < 1e-5))
  t.ok(Math.abs(dwarf.velocities.reduce((a, b) => a + b) / 200) < 1)
  t.match(observeStars(table({ ...stars, first: of(0, 0.7) })).notes.join(), /own centre is 0\.\d+ kpc from x = y = 0/)
})

t.test('an unknown galaxy is refused with the nearest name', async t => {
  await t.rejects(knownGalaxy('Fronax'), { name: 'UsageError', message: /got "Fronax"; did you mean Fornax\?/ })
  await t.rejects(knownGalaxy('scluptor'), { name: 'UsageError', message: /did you mean Sculptor/ })
})
