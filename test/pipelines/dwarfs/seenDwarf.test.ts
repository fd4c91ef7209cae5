import fc from 'fast-check'
import t from 'tap'
import { DataError, makeKey, permutation } from '../../../core/index.js'
import type { Dwarf } from '../../../io/dwarfs/dwarf.js'
import { pickStars } from '../../../pipelines/dwarfs/augmentDwarf.js'
import { contextFeatures, type SeenDwarf, seeDwarf, starFeatures } from '../../../pipelines/dwarfs/seenDwarf.js'
import { strewn } from './tiny.js'

const galaxy = fc
  .record({ seed: fc.nat(1e6), stars: fc.integer({ min: 2, max: 60 }), members: fc.boolean() })
  .filter(({ stars, members }) => !members || stars > 6)
  .map(({ seed, stars, members }) => strewn(makeKey(seed), stars, members))

const settings = { seed: 17, numRuns: 60 }

/**
 * Features are of order one: a few times what float32 keeps of velocities that a common one of some hundred km/s was
 * added to.
 */
const rounding = 2e-4

function close(a: ArrayLike<number>, b: ArrayLike<number>, within = rounding): boolean {
  return a.length === b.length && Array.from(a).every((x, i) => Math.abs(x - b[i]) <= within)
}

function alike(a: SeenDwarf, b: SeenDwarf, within = rounding): boolean {
  return close(a.features, b.features, within) && close(a.context, b.context, within)
}

/** Each star of `dwarf` at another place. */
function moved(dwarf: Dwarf, map: (x: number, y: number) => readonly [number, number]): Dwarf {
  const positions = dwarf.positions.slice()
  for (let i = 0; i < dwarf.stars; i++) positions.set(map(positions[2 * i], positions[2 * i + 1]), 2 * i)
  return { ...dwarf, positions }
}

t.test('law: turning or mirroring the sky changes nothing', async t => {
  const turned = fc.property(galaxy, fc.double({ min: 0, max: 7, noNaN: true }), (dwarf, angle) => {
    const [c, s] = [Math.cos(angle), Math.sin(angle)]
    const seen = seeDwarf(dwarf)
    const mirrored = seeDwarf(moved(dwarf, (x, y) => [-x, y]))
    return (
      alike(seen, seeDwarf(moved(dwarf, (x, y) => [c * x - s * y, s * x + c * y])), 1e-4) && alike(seen, mirrored, 0)
    )
  })
  t.doesNotThrow(() => fc.assert(turned, settings))
})

t.test('law: neither the sign of velocities nor a common velocity is seen', async t => {
  const shifted = fc.property(galaxy, fc.double({ min: -400, max: 400, noNaN: true }), (dwarf, velocity) => {
    const seen = seeDwarf(dwarf)
    const other = seeDwarf({ ...dwarf, velocities: dwarf.velocities.map(v => v + velocity) })
    // A star at the mean velocity: the feature is the logarithm of its speed, with a slope of 9 at 0.
    return (
      alike(seen, seeDwarf({ ...dwarf, velocities: dwarf.velocities.map(v => -v) }), 1e-6) && alike(seen, other, 1e-3)
    )
  })
  t.doesNotThrow(() => fc.assert(shifted, settings))
})

t.test('law: stars in another order are the same rows in that order', async t => {
  const reordered = fc.property(galaxy, fc.nat(1e6), (dwarf, seed) => {
    const order = permutation(makeKey(seed), dwarf.stars)
    const [seen, other] = [seeDwarf(dwarf), seeDwarf(pickStars(dwarf, order))]
    const rows = Float32Array.from({ length: seen.features.length }, (_, at) => {
      const row = Math.floor(at / starFeatures)
      return seen.features[order[row] * starFeatures + (at % starFeatures)]
    })
    return close(other.features, rows, 1e-5) && close(other.context, seen.context, 1e-5)
  })
  t.doesNotThrow(() => fc.assert(reordered, settings))
})

t.test(
  'law: a galaxy k times as large or fast differs in one number of the context, by log10 k over its scale',
  async t => {
    const scaled = fc.property(galaxy, fc.double({ min: 0.02, max: 50, noNaN: true }), (dwarf, k) => {
      const seen = seeDwarf(dwarf)
      const larger = seeDwarf({ ...dwarf, positions: dwarf.positions.map(x => k * x) })
      const faster = seeDwarf({
        ...dwarf,
        velocities: dwarf.velocities.map(v => k * v),
        velocityErrors: dwarf.velocityErrors.map(e => k * e),
      })
      const expected = (place: number) => seen.context.map((x, i) => (i === place ? x + Math.log10(k) / 0.7 : x))
      return (
        close(larger.features, seen.features, 1e-4) &&
        close(larger.context, expected(0), 1e-4) &&
        close(larger.positions, seen.positions, 1e-4) &&
        close(faster.features, seen.features, 1e-4) &&
        close(faster.context, expected(1), 1e-4)
      )
    })
    t.doesNotThrow(() => fc.assert(scaled, settings))
  },
)

t.test(
  'law: every number is finite and of order one, also where errors are none or huge and a star lies at the centre',
  async t => {
    const bounded = fc.property(galaxy, fc.constantFrom(0, 1e-3, 1, 1e4), (dwarf, factor) => {
      const positions = dwarf.positions.slice()
      if (dwarf.stars > 4) positions.fill(0, 0, 2)
      const { features, context } = seeDwarf({
        ...dwarf,
        positions,
        velocityErrors: dwarf.velocityErrors.map(e => factor * e),
      })
      return (
        features.length === dwarf.stars * starFeatures &&
        context.length === contextFeatures &&
        features.every(x => Math.abs(x) < 12) &&
        context.every(x => Math.abs(x) < 12)
      )
    })
    t.doesNotThrow(() => fc.assert(bounded, settings))
  },
)

t.test('without errors and memberships scales are the likeliest Plummer radius and the standard deviation', async t => {
  const stars = 5
  const dwarf: Dwarf = {
    stars,
    // radii 1 and 4, .5 and 8, 2: pairs about 2 in the logarithm, where (R^2 - a^2) / (R^2 + a^2) of each cancel
    positions: Float32Array.of(1, 0, 0, 4, -0.5, 0, 1.2, 1.6, 4.8, 6.4),
    velocities: Float32Array.of(48, 50, 52, 44, 56),
    velocityErrors: new Float32Array(stars),
    theta: {},
  }
  const spread = Math.sqrt((4 + 0 + 4 + 36 + 36) / 5)
  const { context, features, positions } = seeDwarf(dwarf)
  const { log10 } = Math
  const expected = [(log10(2) + 0.5) / 0.7, (log10(spread) - 1) / 0.7, (log10(5) - 2) / 0.5, log10(0.01) + 1, 1]
  t.ok(close(context, expected, 1e-6), `${context} and ${expected}`)
  const speed = 6 / spread
  const last = [log10(4) / 0.4, 2 * (4 / 5) - 1, speed - 0.8, log10(speed + 0.05) + 0.3, 0, log10(0.01) + 1, 1]
  t.ok(close(features.subarray(4 * starFeatures), last, 1e-6))
  t.ok(
    close(
      positions,
      dwarf.positions.map(x => x / 2),
      1e-6,
    ),
  )
  // A star that is no member at all moves neither scale.
  const stray: Dwarf = {
    ...dwarf,
    stars: 6,
    positions: Float32Array.of(...dwarf.positions, 90, 0),
    velocities: Float32Array.of(...dwarf.velocities, 400),
    velocityErrors: new Float32Array(6),
    membership: Float32Array.of(1, 1, 1, 1, 1, 0),
  }
  const seen = seeDwarf(stray)
  t.ok(close(seen.features.subarray(0, features.length), features, 1e-6))
  t.ok(close(seen.context, [...expected.slice(0, 4), 2 * (5 / 6) - 1], 1e-6))
})

t.test('one member and velocities that are all one are refused', async t => {
  const dwarf = strewn(makeKey(3), 9, true)
  t.throws(() => seeDwarf(pickStars(dwarf, [4])), DataError)
  const lone = { ...dwarf, membership: Float32Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0) }
  t.throws(() => seeDwarf(lone), { name: 'DataError', message: /at least two member stars; got 1;/ })
  for (const velocity of [0, 55.3, -217.77, 1e-3]) {
    const still = { ...dwarf, velocities: new Float32Array(9).fill(velocity) }
    t.throws(() => seeDwarf(still), { name: 'DataError', message: /velocities that differ/ }, `${velocity} km/s`)
  }
  const central = { ...dwarf, positions: new Float32Array(18) }
  t.throws(() => seeDwarf(central), { name: 'DataError', message: /stars at different places/ })
})
