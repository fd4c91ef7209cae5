import t from 'tap'
import { makeKey } from '../../../core/index.js'
import {
  drawBinaryVelocities,
  drawDwarf,
  drawStarCount,
  drawVelocityErrors,
  dwarfPrior,
  mixedErrors,
  mixForeground,
  poisson,
  simulateDwarf,
} from '../../../simulators/dwarfs/index.js'

const theta = { gamma: 1, log10_r_s: 0, log10_rho_0: 7, log10_r_star: -0.5, beta_0: -0.1, log10_r_a: -0.5 }

t.test('Poisson numbers have their mean, variance and distribution', async t => {
  for (const mean of [0.5, 12, 100, 5000]) {
    const n = 4000
    const values = Array.from({ length: n }, (_, i) => poisson(makeKey(3).split(i), mean))
    const average = values.reduce((a, b) => a + b) / n
    const variance = values.reduce((sum, x) => sum + (x - average) ** 2, 0) / n
    t.ok(Math.abs(average - mean) < 5 * Math.sqrt(mean / n), `${average} for ${mean}`)
    t.ok(Math.abs(variance / mean - 1) < 5 * Math.sqrt((2 + 1 / mean) / n), `variance ${variance} for ${mean}`)
    if (mean === 0.5) {
      const none = values.filter(x => x === 0).length / n
      t.ok(Math.abs(none - Math.exp(-0.5)) < 0.04, `${none}`)
    }
  }
})

t.test('numbers of stars', async t => {
  const key = makeKey(4)
  t.equal(drawStarCount(key, 37), 37)
  t.equal(drawStarCount(key, { kind: 'exact', stars: 12 }), 12)
  t.equal(drawStarCount(key, { kind: 'poisson', mean: 1 }), 10, 'never fewer than ten')
  const logs = Array.from({ length: 2000 }, (_, i) =>
    Math.log10(drawStarCount(key.split(i), { kind: 'log-uniform', low: 10, high: 1000 })),
  )
  t.ok(Math.min(...logs) >= 1 && Math.max(...logs) <= 3)
  t.ok(Math.abs(logs.reduce((a, b) => a + b) / logs.length - 2) < 0.07)
})

t.test('velocity errors are drawn as told and are in the velocities', async t => {
  t.ok(drawVelocityErrors(makeKey(1), { kind: 'none' }, 5).every(e => e === 0))
  t.ok(drawVelocityErrors(makeKey(1), { kind: 'equal', error: 2 }, 5).every(e => e === 2))
  const galaxies = Array.from({ length: 1500 }, (_, i) =>
    drawVelocityErrors(makeKey(12).split(i), mixedErrors, 31).sort(),
  )
  const medians = galaxies.map(errors => errors[15])
  const exact = medians.filter(median => median === 0).length / medians.length
  t.ok(Math.abs(exact - 0.2) < 0.05, `${exact} without errors`)
  const logs = medians.filter(median => median > 0).map(Math.log)
  t.ok(Math.abs(logs.reduce((a, b) => a + b) / logs.length - Math.log(Math.sqrt(0.5))) < 0.12)
  const scatter = galaxies.filter(e => e[15] > 0).map(e => Math.log(e[26] / e[4]) / 2 / 0.3)
  t.ok(Math.abs(scatter.reduce((a, b) => a + b) / scatter.length - 1.0) < 0.1, 'from the 16th to the 84th percentile')

  const stars = { stars: 4000 }
  const exactly = simulateDwarf(makeKey(5), theta, { ...stars, errors: { kind: 'none' } })
  const noisy = simulateDwarf(makeKey(5), theta, { ...stars, errors: { kind: 'equal', error: 3 } })
  t.strictSame(noisy.positions, exactly.positions)
  let variance = 0
  for (let i = 0; i < 4000; i++) variance += (noisy.velocities[i] - exactly.velocities[i]) ** 2 / 4000
  t.ok(Math.abs(variance / 9 - 1) < 0.12, `${variance}`)
})

t.test('binary stars move as two bodies do', async t => {
  const stars = 20_000
  const all = drawBinaryVelocities(makeKey(6), 1, stars)
  const speeds = Array.from(all, Math.abs).sort((a, b) => a - b)
  t.ok(Math.abs(all.reduce((a, b) => a + b) / stars) < 0.15, 'no motion on average')
  // 0.8 Msun with an equal companion at 0.21 AU: 29.8 km/s sqrt(1.6 / 0.21) / 2 = 41 km/s on a circle
  t.ok(speeds[stars - 1] < 41 * 2 && speeds[stars - 1] > 15, `${speeds[stars - 1]}`)
  t.ok(speeds[stars / 2] < 1 && speeds[0.95 * stars] > 3, `${speeds[stars / 2]} and ${speeds[0.95 * stars]}`)
  const half = drawBinaryVelocities(makeKey(6), 0.5, stars)
  const moving = half.filter(v => v !== 0).length / stars
  t.ok(Math.abs(moving - 0.5) < 0.02, `${moving}`)
})

t.test('membership is the share of members among stars of that membership', async t => {
  const bins = Array.from({ length: 5 }, () => ({ stars: 0, members: 0, membership: 0 }))
  for (let i = 0; i < 120; i++) {
    const dwarf = drawDwarf(makeKey(7).split(i), dwarfPrior, { stars: 200 })
    const mixed = mixForeground(makeKey(8).split(i), 0.3, dwarf.theta as typeof theta, dwarf)
    for (const [k, p] of mixed.membership.entries()) {
      const bin = bins[Math.min(4, Math.floor(5 * p))]
      bin.stars++
      bin.members += 1 - mixed.foreground[k]
      bin.membership += p
    }
  }
  for (const { stars, members, membership } of bins) {
    const expected = membership / stars
    const error = Math.sqrt((expected * (1 - expected)) / stars)
    // Members' velocities at a radius are not quite normal: up to 0.03 of probability
    t.ok(Math.abs(members / stars - expected) < 4 * error + 0.03, `${members / stars} of ${stars} for ${expected}`)
  }
  const with30 = simulateDwarf(makeKey(9), theta, { stars: 500, contaminants: 0.3 })
  t.ok(with30.membership?.every(p => p >= 0 && p <= 1))
  t.equal(simulateDwarf(makeKey(9), theta, { stars: 500 }).membership, undefined)
})

t.test('two stars stay members, however much foreground there is', t => {
  let [redrawn, stars, members] = [0, 0, 0]
  for (let i = 0; i < 150; i++) {
    const one = drawDwarf(makeKey(10).split(i), dwarfPrior, { stars: 10, contaminants: 0.8 })
    redrawn += one.redrawn
    t.ok(Array.from(one.membership ?? []).reduce((sum, p) => sum + p, 0) >= 2, `galaxy ${i}`)
    const plain = drawDwarf(makeKey(10).split(i), dwarfPrior, { stars: 10 })
    // A star that no foreground star took the place of
    const own = Array.from({ length: 10 }, (_, k) => (one.positions[2 * k] === plain.positions[2 * k] ? 1 : 0))
    const count = own.reduce((sum: number, each) => sum + each, 0)
    t.ok(count >= 2, `galaxy ${i} has ${count} stars of its own`)
    stars += 10
    members += count
  }
  t.ok(redrawn > 50, 'of ten stars one in three has fewer than two members by chance')
  t.ok(members / stars > 0.2 && members / stars < 0.3, `a share ${members / stars} of members, a little more than 0.2`)
  const hopeless = { ...theta, log10_r_star: -1 }
  t.throws(() => simulateDwarf(makeKey(1), hopeless, { stars: 2, contaminants: 0.9999 }), {
    name: 'WorkError',
    message: /leaves two of 2 stars members; .*; lower --contaminants/,
  })
  t.end()
})
