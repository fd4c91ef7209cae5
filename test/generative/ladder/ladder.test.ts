import fc from 'fast-check'
import t from 'tap'
import { makeKey, normal } from '../../../core/index.js'
import { descend, makeRungs, pairBalance } from '../../../generative/ladder/index.js'

t.test('rungs go down to 0; drift and noise together make each step', t => {
  fc.assert(
    fc.property(
      fc.integer({ min: 3, max: 80 }),
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (evaluations, smallest, churn) => {
        const rungs = makeRungs({ evaluations, largest: 200, smallest, churn })
        if (rungs.length !== evaluations || rungs[0].sigma !== 200) return false
        return rungs.every((rung, i) => {
          const next = rungs[i + 1]?.sigma ?? 0
          const adds = Math.abs(rung.to ** 2 + rung.noise ** 2 - next ** 2) < 1e-9 * rung.sigma ** 2
          return adds && rung.next === next && next < rung.sigma && rung.to <= next + 1e-12
        })
      },
    ),
    { seed: 4 },
  )
  const flow = makeRungs({ evaluations: 10, largest: 100, smallest: 1, churn: 0 })
  t.ok(
    flow.every(({ noise }) => noise < 1e-6),
    'without churn there is no noise',
  )
  t.throws(() => makeRungs({ evaluations: 10, largest: 1, smallest: 2 }), /smallest < knee < largest/)
  t.throws(() => makeRungs({ evaluations: 2, largest: 10, smallest: 1 }), /at least 3/)
  t.end()
})

t.test('a normal distribution, whose drift is known, is drawn with the right spread at any churn', async t => {
  const spread = 5
  for (const churn of [0, 0.5, 1]) {
    const rungs = makeRungs({ evaluations: 300, largest: 100, smallest: 0.5, churn })
    const start = normal(makeKey(1), 12_000).map(z => 100 * z)
    const { positions, evaluations } = await descend(
      rungs,
      (x, rung) => {
        // The mean over the drift's way, from sigma to `to`, of sigma / (spread^2 + sigma^2): an integral in closed
        // form.
        const { sigma, to } = rungs[rung]
        const mean = Math.log((spread ** 2 + sigma ** 2) / (spread ** 2 + to ** 2)) / 2 / (sigma - to)
        return x.map(value => mean * value)
      },
      { start },
      makeKey(2),
    )
    const variance = positions.reduce((sum, value) => sum + value ** 2, 0) / positions.length
    t.equal(evaluations, 300)
    t.ok(
      Math.abs(Math.sqrt(variance) / spread - 1) < 0.06,
      `churn ${churn}: spread ${Math.sqrt(variance)}, true ${spread}`,
    )
  }
})

t.test('the same key draws the same, rungs above the first are left out', async t => {
  const rungs = makeRungs({ evaluations: 8, largest: 50, smallest: 1 })
  const start = normal(makeKey(3), 30)
  const drift = (x: Float32Array) => x.map(value => 0.01 * value)
  const once = await descend(rungs, drift, { start }, makeKey(4))
  t.same(await descend(rungs, drift, { start }, makeKey(4)), once)
  t.equal((await descend(rungs, drift, { start, first: 5 }, makeKey(4))).evaluations, 3)
  t.same(start, normal(makeKey(3), 30), 'the start is left as it was')
})

t.test('pairs moved by the balance are as many as simulated ones at every separation', t => {
  const bins = 40
  const width = 0.25
  const edge = (r: number) => 1 / (1 + Math.exp(-(r - 4) / 0.7))
  const middle = (b: number) => (b + 0.5) * width
  // Simulated pairs are rare within 4, drawn ones within 3.7: some must move outwards.
  const simulated = Float64Array.from({ length: bins }, (_, b) => 1000 * middle(b) ** 2 * edge(middle(b)))
  const drawn = Float64Array.from({ length: bins }, (_, b) => 1000 * middle(b) ** 2 * edge(middle(b) + 0.3))
  const total = (values: Float64Array) => values.reduce((a, b) => a + b, 0)
  const scale = total(simulated) / total(drawn)
  const counts = drawn.map(count => count * scale)
  const balance = (before: Float64Array, most: number) =>
    pairBalance([{ drawn: before, simulated }], {
      width,
      terms: [[1]],
      uniform: [1000 / (4 * Math.PI * width)],
      most,
    })[0]
  const u = balance(counts, 1)
  const moved = new Float64Array(bins)
  for (let b = 0; b < bins; b++)
    for (let part = 0; part < 100; part++) {
      const r = (b + (part + 0.5) / 100) * width
      const at = Math.min(bins - 1, Math.max(0, r / width - 0.5))
      const low = Math.min(bins - 2, Math.floor(at))
      const by = u[low] + (at - low) * (u[low + 1] - u[low])
      moved[Math.min(bins - 1, Math.floor((r + by) / width))] += counts[b] / 100
    }
  const off = (values: Float64Array) => {
    let sum = 0
    let worst = 0
    for (let b = 0; b < bins; b++) {
      sum += values[b] - simulated[b]
      worst = Math.max(worst, Math.abs(sum))
    }
    return worst
  }
  t.ok(
    off(moved) < 0.15 * off(counts),
    `largest difference of the cumulative counts ${off(counts)}, after ${off(moved)}`,
  )
  t.ok(
    balance(simulated, 1).every(v => Math.abs(v) < 1e-12),
    'nothing moves where all is right',
  )
  t.ok(Math.max(...balance(counts, 0.05).map(Math.abs)) <= 0.05)
  t.end()
})

t.test('a balance that depends on theta is found where it does, and one cloud alone moves nothing much', t => {
  const bins = 40
  const width = 0.25
  const simulated = Float64Array.from({ length: bins }, (_, b) => 400 * ((b + 0.5) * width) ** 2)
  const terms = Array.from({ length: 30 }, (_, c) => [1, (c - 14.5) / 9])
  // Pairs within 5 are short of, or above, what is simulated by a share that goes with the second term.
  const clouds = terms.map(([, x]) => {
    const drawn = simulated.map((count, b) => count * (1 + (b < 20 ? 0.1 * x : 0)))
    return { drawn, simulated }
  })
  const uniform = terms.map(() => 400 / (4 * Math.PI * width))
  const options = { width, terms, uniform, most: 1 }
  const u = pairBalance(clouds, options)
  const at = 16
  t.ok(u[0][at] < -0.02 && u[29][at] > 0.02, `too few within: together, ${u[0][at]}; too many: apart, ${u[29][at]}`)
  t.ok(Math.abs(u[0][at] + u[29][at]) < 0.02, 'and in between nothing')
  const one = clouds.map((cloud, c) =>
    c === 7 ? { drawn: cloud.drawn.map(v => 1.3 * v), simulated } : { drawn: simulated, simulated },
  )
  const largest = Math.max(...pairBalance(one, options)[20].map(Math.abs))
  t.ok(largest < 0.02, `one cloud's fluctuation moves another by ${largest}`)
  t.end()
})
