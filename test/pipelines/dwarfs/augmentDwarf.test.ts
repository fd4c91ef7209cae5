import fc from 'fast-check'
import type tap from 'tap'
import t from 'tap'
import { makeKey } from '../../../core/index.js'
import type { Dwarf } from '../../../io/dwarfs/dwarf.js'
import { augmentDwarf, starsTaken } from '../../../pipelines/dwarfs/augmentDwarf.js'
import { seeDwarf } from '../../../pipelines/dwarfs/seenDwarf.js'
import { strewn } from './tiny.js'

const key = makeKey(8)
const settings = { seed: 23, numRuns: 100 }
const drawn = fc.record({ seed: fc.nat(1e6), stars: fc.integer({ min: 2, max: 200 }), members: fc.boolean() })

/** The columns of each star in one text, so that stars can be looked up. */
function rows({ stars, positions, velocities, velocityErrors, membership }: Dwarf): string[] {
  return Array.from({ length: stars }, (_, i) =>
    [positions[2 * i], positions[2 * i + 1], velocities[i], velocityErrors[i], membership?.[i]].join(),
  )
}

t.test('law: thinned stars are some of the stars, none twice, as many as starsTaken said', async t => {
  const thinning = { thin: 0.7, starsLeast: 5, noise: 0 }
  const subset = fc.property(drawn, ({ seed, stars, members }) => {
    const dwarf = strewn(key.split(seed), stars, members)
    const thinned = augmentDwarf(dwarf, makeKey(seed), thinning)
    const [all, some] = [new Set(rows(dwarf)), rows(thinned)]
    return (
      thinned.stars === starsTaken(makeKey(seed), stars, thinning) &&
      thinned.stars >= Math.min(stars, 5) &&
      new Set(some).size === thinned.stars &&
      some.every(row => all.has(row)) &&
      thinned.theta === dwarf.theta
    )
  })
  t.doesNotThrow(() => fc.assert(subset, settings))
})

t.test('law: errors grow by what was added to the velocities, in quadrature', async t => {
  const noisy = { thin: 0, starsLeast: 5, noise: 1 }
  const added = fc.property(drawn, ({ seed, stars, members }) => {
    const dwarf = strewn(key.split(seed), stars + 2, members)
    const { velocityErrors, positions, membership } = augmentDwarf(dwarf, makeKey(seed), noisy)
    const grown = Array.from(velocityErrors, (e, i) => e ** 2 - dwarf.velocityErrors[i] ** 2)
    // Differences of float32: of a noise far below the errors little is left.
    const rounding = 3e-7 * velocityErrors.reduce((most, e) => Math.max(most, e ** 2), 0)
    return (
      grown.every(g => Math.abs(g - grown[0]) < rounding) &&
      grown[0] > rounding &&
      positions === dwarf.positions &&
      membership === dwarf.membership
    )
  })
  t.doesNotThrow(() => fc.assert(added, settings))
  const same = { thin: 0, starsLeast: 5, noise: 0 }
  const dwarf = strewn(key, 30)
  t.equal(augmentDwarf(dwarf, key, same), dwarf, 'and nothing changes where nothing is to')
})

t.test('the noise is normal, of the size that the errors say, log-uniform within .02 and 2 spreads', async t => {
  const n = 400
  const sizes: number[] = []
  let [square, count] = [0, 0]
  for (let i = 0; i < n; i++) {
    const dwarf = { ...strewn(key.split('sizes').split(i), 20), velocityErrors: new Float32Array(20) }
    const mean = dwarf.velocities.reduce((a, b) => a + b) / 20
    const spread = Math.sqrt(dwarf.velocities.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 20)
    const noisy = augmentDwarf(dwarf, key.split(i), { thin: 0, starsLeast: 2, noise: 1 })
    sizes.push(Math.log(noisy.velocityErrors[0] / spread / 0.02) / Math.log(100))
    noisy.velocities.forEach((v, star) => {
      square += ((v - dwarf.velocities[star]) / noisy.velocityErrors[star]) ** 2
      count++
    })
  }
  uniformly(t, sizes)
  // Standard deviation of a mean of squares of normal numbers: sqrt(2 / count)
  t.ok(Math.abs(square / count - 1) < 4 * Math.sqrt(2 / count), `mean square ${square / count}`)
})

t.test('a galaxy is thinned as often as was asked, to a number that is log-uniform', async t => {
  const [n, stars] = [2000, 1000]
  const taken = Array.from({ length: n }, (_, i) =>
    starsTaken(key.split(i), stars, { thin: 0.5, starsLeast: 10, noise: 0 }),
  )
  const thinned = taken.filter(count => count < stars)
  t.ok(Math.abs(thinned.length / n - 0.5) < 4 * Math.sqrt(0.25 / n), `${thinned.length} of ${n}`)
  uniformly(
    t,
    thinned.map(count => Math.log(count / 10) / Math.log(100)),
  )
  t.equal(starsTaken(key, 7, { thin: 1, starsLeast: 10, noise: 0 }), 7, 'fewer than the least stay')
})

t.test('of a galaxy that is mostly foreground two members are left, so that it can be seen', async t => {
  const dwarf = {
    ...strewn(key, 100),
    membership: Float32Array.from({ length: 100 }, (_, i) => (i % 20 === 0 ? 0.95 : 0.001)),
  }
  const thinning = { thin: 1, starsLeast: 3, noise: 0 }
  for (let i = 0; i < 300; i++) {
    const thinned = augmentDwarf(dwarf, key.split(i), thinning)
    t.equal(thinned.stars, starsTaken(key.split(i), 100, thinning))
    seeDwarf(thinned)
  }
})

/**
 * Numbers that should be uniform in [0, 1]: largest distance of their distribution from it (Kolmogorov), p about 0.001.
 */
function uniformly(t: Pick<typeof tap, 'ok'>, values: readonly number[]): void {
  const sorted = [...values].sort((a, b) => a - b)
  const distance = Math.max(...sorted.map((x, i) => Math.max(x - i / sorted.length, (i + 1) / sorted.length - x)))
  t.ok(sorted[0] > -1e-3 && sorted[sorted.length - 1] < 1 + 1e-3)
  t.ok(distance * Math.sqrt(sorted.length) < 1.95, `distance ${distance}`)
}
