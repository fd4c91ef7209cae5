import fc from 'fast-check'
import t from 'tap'
import { makeKey, periodicBox, type State, uniform, wrap, wrapPositions } from '../../../core/index.js'
import { alongPaths, flowEuler, flowHeun, pathNoise, torusPaths } from '../../../generative/matching/index.js'

const side = 10
const box = periodicBox(side)
const near = (d: number): number => d - side * Math.round(d / side)

t.test('paths begin at the base, end at an image of the data and are the shortest on each axis', async () =>
  fc.assert(
    fc.property(fc.nat(1000), fc.constantFrom('matched' as const, 'random' as const), (seed, coupling) => {
      const data = uniform(makeKey(seed), 60).map(u => side * u)
      const paths = torusPaths(makeKey(seed + 1), data, box, coupling)
      const start = alongPaths(paths, 0)
      const end = alongPaths(paths, 1)
      const noise = pathNoise(paths, 4)
      return (
        start.every((x, i) => x === paths.base[i]) &&
        end.every((x, i) => Math.abs(near(x - data[i])) < 1e-4) &&
        paths.velocity.every(v => Math.abs(v) <= side / 2 + 1e-5) &&
        alongPaths(paths, 0.3).every((x, i) => Math.abs(near(x - data[i] - 0.7 * 4 * noise[i])) < 1e-4)
      )
    }),
    { seed: 7, numRuns: 40 },
  ),
)

/*
 * Independent points of density p(a) = (1 + b cos(2 pi a / L)) / L on each axis, paired at random with uniform points:
 * x_t = a - (1 - t) u with u uniform, so that given x_t = x the data a have density p within w = (1 - t) L / 2 of x,
 * and the velocity is E[a - x] / (1 - t): with k = 2 pi / L, integral of s cos(k (x + s)) over |s| < w is -2 sin(k x)
 * (sin(k w) / k^2 - w cos(k w) / k), of cos is 2 cos(k x) sin(k w) / k.
 */
const B = 0.8
const K = (2 * Math.PI) / side
function velocityAt(x: number, t: number): number {
  const w = ((1 - t) * side) / 2
  const first = (-2 * B * Math.sin(K * x) * (Math.sin(K * w) / K - w * Math.cos(K * w))) / K
  return first / (2 * w + (2 * B * Math.cos(K * x) * Math.sin(K * w)) / K) / (1 - t)
}

/** Points of that density, by rejection. */
function draws(seed: number, count: number): Float32Array {
  const u = uniform(makeKey(seed), count * 8)
  const kept: number[] = []
  for (let i = 0; i < u.length && kept.length < count; i += 2)
    if (u[i + 1] * (1 + B) < 1 + B * Math.cos(K * side * u[i])) kept.push(side * u[i])
  return Float32Array.from(kept)
}

t.test('independent points: the mean velocity at a place is the known one', async t => {
  const data = draws(3, 3 * 40000)
  t.equal(data.length, 120000)
  const paths = torusPaths(makeKey(8), data, box, 'random')
  for (const time of [0.2, 0.5, 0.8]) {
    const at = alongPaths(paths, time)
    const sums = Array.from({ length: 20 }, () => ({ n: 0, v: 0, v2: 0, expected: 0 }))
    at.forEach((x, i) => {
      const bin = sums[Math.floor((wrap(x, side) / side) * 20)]
      bin.n++
      bin.v += paths.velocity[i]
      bin.v2 += paths.velocity[i] ** 2
      bin.expected += velocityAt(wrap(x, side), time)
    })
    const chi2 = sums.reduce((sum, { n, v, v2, expected }) => sum + (v - expected) ** 2 / (v2 - v ** 2 / n), 0)
    t.ok(chi2 < 45, `t = ${time}: chi^2 ${chi2} of 20 places (p < .001 above 45)`)
  }
})

t.test('that velocity carries uniform points to the density', async t => {
  const points = 20000
  const start: State = { shape: [1, points, 1], values: uniform(makeKey(11), points).map(u => u * side) }
  const field = async (x: State, time: number): Promise<State> => ({
    shape: x.shape,
    values: x.values.map(x => velocityAt(wrap(x, side), time)),
  })
  for (const [name, end] of [
    ['Euler', await flowEuler(field, start, 200)],
    ['Heun', await flowHeun(field, start, 24)],
  ] as const) {
    const drawn = wrapPositions(Float32Array.from(end.values), [side])
    t.ok(
      drawn.every(x => x >= 0 && x < side),
      `${name}: in the box`,
    )
    const mean = (f: (x: number) => number) => drawn.reduce((sum, x) => sum + f(x), 0) / points
    const error = 5 * Math.sqrt(0.5 / points)
    t.ok(Math.abs(mean(x => Math.cos(K * x)) - B / 2) < error, `${name}: first harmonic ${mean(x => Math.cos(K * x))}`)
    t.ok(Math.abs(mean(x => Math.sin(K * x))) < error, `${name}: symmetric`)
    t.ok(Math.abs(mean(x => Math.cos(2 * K * x))) < error, `${name}: second harmonic ${mean(x => Math.cos(2 * K * x))}`)
  }
})

t.test('one point: the velocity is known exactly, and both samplers arrive', async t => {
  const point = [3, 9, 5]
  const field = async (x: State, time: number): Promise<State> => ({
    shape: x.shape,
    values: x.values.map((x, i) => near(point[i % 3] - x) / (1 - time)),
  })
  const start: State = { shape: [40, 1, 3], values: uniform(makeKey(2), 120).map(u => u * side) }
  for (const end of [await flowEuler(field, start, 4), await flowHeun(field, start, 3)])
    t.ok(end.values.every((x, i) => Math.abs(near(x - point[i % 3])) < 1e-4))
  const paths = torusPaths(makeKey(5), Float32Array.from(point), box, 'matched')
  const there = alongPaths(paths, 0.6)
  t.ok(there.every((x, i) => Math.abs(near(point[i] - x) / 0.4 - paths.velocity[i]) < 1e-4))
})

t.test('an open axis and no step are refused', async t => {
  t.throws(() => torusPaths(makeKey(1), new Float32Array(3), [1, null, 1], 'random'), { name: 'UsageError' })
  await t.rejects(
    flowEuler(async x => x, { shape: [1, 1, 1], values: new Float32Array(1) }, 0),
    { name: 'UsageError' },
  )
})
