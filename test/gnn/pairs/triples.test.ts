import fc from 'fast-check'
import t from 'tap'
import { makeKey, normal, periodicBox, permutation } from '../../../core/index.js'
import {
  basisIn,
  featureCount,
  makePairFeatures,
  makePairForce,
  makeSurroundings,
  type PairBasis,
  pairBasis,
  pairCount,
  splinesAt,
  surroundingsChannels,
} from '../../../gnn/pairs/index.js'
import { clusteredCloud, distance, largest, reordered, turned } from '../rows.js'

const side = 400
const noiseLevel = 4
const full = pairBasis(periodicBox(side), { splines: 6, triples: true })
const basis: PairBasis = { ...full, triples: full.triples && { ...full.triples, splines: 5 } }
const triples = basis.triples ?? t.bailout('expected three-body features')

/** Some points lie outside the box. */
const cloud = (seed: number, points: number) =>
  clusteredCloud(seed, points, { span: 1.5 * side, offset: -100, spread: 8 })

/** The columns of three-body features alone. */
function featuresOf(positions: Float32Array, of = basis): Float32Array {
  const points = positions.length / 3
  const columns = featureCount(of)
  const first = pairCount(of)
  const all = makePairFeatures(of)(positions, points, noiseLevel, new Float32Array(3 * points * columns))
  const own = columns - first
  return Float32Array.from(
    { length: 3 * points * own },
    (_, i) => all[Math.floor(i / own) * columns + first + (i % own)],
  )
}

/** The definition over all pairs in float64. */
function direct(positions: Float32Array): Float64Array {
  if (!triples) return new Float64Array(0)
  const n = positions.length / 3
  const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, i) => sum + x * b[i], 0)
  const to = (i: number, j: number) =>
    [0, 1, 2].map(a => {
      const d = positions[3 * j + a] - positions[3 * i + a]
      return d - side * Math.round(d / side)
    })
  const near = (i: number) =>
    Array.from({ length: n }, (_, j) => ({ j, d: to(i, j), r: Math.hypot(...to(i, j)) })).filter(
      ({ j, r }) => j !== i && r < triples.reach,
    )
  const columns = featureCount(basis) - pairCount(basis)
  const out = new Float64Array(3 * n * columns)
  triples.scales.forEach(({ least, times }, scale) => {
    const radius = Math.max(least, times * noiseLevel)
    const gauss = (r: number) => Math.exp(-0.5 * (r / radius) ** 2)
    const cut = (r: number) => Math.min(1, (triples.reach - r) / (0.2 * triples.reach))
    let mean = 0
    for (let s = 0; s < 20000; s++) {
      const r = ((s + 0.5) / 20000) * triples.reach
      mean += ((4 * Math.PI * r * r * gauss(r) * triples.reach) / 20000) * (n / side ** 3)
    }
    const around = Array.from({ length: n }, (_, i) => {
      const total = 1 + near(i).reduce((sum, { r }) => sum + gauss(r) * cut(r), 0)
      const sums = (f: (d: readonly number[]) => number) =>
        near(i).reduce((sum, { d, r }) => sum + gauss(r) * cut(r) * f(d.map(x => x / radius)), 0) / total
      const second = [0, 1, 2].map(a => [0, 1, 2].map(b => sums(d => d[a] * d[b])))
      const trace = (second[0][0] + second[1][1] + second[2][2]) / 3
      return {
        shift: [0, 1, 2].map(a => sums(d => d[a])),
        shape: second.map((row, a) => row.map((x, b) => x - (a === b ? trace : 0))),
        count: Math.log((near(i).reduce((sum, { r }) => sum + gauss(r), 0) + 0.5) / (mean + 0.5)),
      }
    })
    const radial = new Float64Array(3)
    const edges: PairBasis = { ...basis, reach: triples.reach, splines: triples.splines }
    for (let i = 0; i < n; i++) {
      const { shift: own, shape, count } = around[i]
      const turned = (m: readonly (readonly number[])[], v: readonly number[]) => m.map(row => dot(row, v))
      for (const { j, d, r } of near(i)) {
        const u = d.map(x => x / r)
        const other = around[j]
        const first = splinesAt(edges, noiseLevel, r, radial)
        const vectors = [
          u.map(x => x * dot(own, u)),
          turned(shape, u),
          other.shift,
          u.map(x => x * dot(other.shift, u)),
          turned(other.shape, u),
        ]
        vectors.forEach((vector, v) => {
          for (let k = 0; k < 3; k++)
            for (let a = 0; a < 3; a++)
              out[(3 * i + a) * columns + (scale * 5 + v) * triples.splines + first + k] += radial[k] * r * vector[a]
        })
      }
      const at = triples.scales.length * 5 * triples.splines + 4 * scale
      for (let a = 0; a < 3; a++)
        out.set([own[a], dot(own, own) * own[a], turned(shape, own)[a], count * own[a]], (3 * i + a) * columns + at)
    }
  })
  return out
}

t.test('three-body features equal their definition in float64', async t => {
  for (const points of [2, 3, 90]) {
    const positions = cloud(points, points)
    const found = distance(featuresOf(positions), direct(positions))
    t.ok(found < 1e-4, `${points} points: off by ${found}`)
  }
})

t.test('they are permuted with the points, do not move with the cloud, and turn with it', async () =>
  fc.assert(
    fc.property(
      fc.nat(1000),
      fc.array(fc.integer({ min: -900, max: 900 }), { minLength: 3, maxLength: 3 }),
      fc.constantFrom([0, 1, 2], [1, 0, 2], [1, 2, 0], [2, 1, 0]),
      fc.array(fc.constantFrom(-1, 1), { minLength: 3, maxLength: 3 }),
      (seed, shift, axes, signs) => {
        const positions = cloud(seed, 60)
        const order = permutation(makeKey(seed), 60)
        const turn = { axes, signs }
        const moved = turned(reordered(positions, order, 3), turn).map((x, i) => x + shift[i % 3])
        const before = featuresOf(positions)
        const after = featuresOf(moved)
        const columns = after.length / 180
        return distance(after, turned(reordered(before, order, 3 * columns), turn, columns)) < 1e-3
      },
    ),
    { seed: 5, numRuns: 20 },
  ),
)

t.test('a lone point has none, and the force is features times coefficients', async t => {
  t.equal(largest(featuresOf(cloud(1, 1))), 0)
  const columns = featureCount(basis)
  const positions = cloud(9, 150)
  const coefficients = Float64Array.from(normal(makeKey(1), columns))
  const features = makePairFeatures(basis)(positions, 150, noiseLevel, new Float32Array(450 * columns))
  const expected = Array.from({ length: 450 }, (_, row) =>
    coefficients.reduce((sum, c, k) => sum + c * features[row * columns + k], 0),
  )
  const found = distance(
    makePairForce(basis)(positions, 150, noiseLevel, coefficients, new Float32Array(450)),
    expected,
  )
  t.ok(found < 2e-3, `off by ${found}`)
})

t.test('a small box sees its periodic images: as the same cloud repeated in a larger one', async t => {
  const points = 12
  const small = cloud(3, points).map(x => (((x % 200) + 200) % 200) / 1)
  const repeated = Float32Array.from({ length: 8 * small.length }, (_, i) => {
    const copy = Math.floor(i / small.length)
    return small[i % small.length] + 200 * ((copy >> (i % 3)) & 1)
  })
  const alone = featuresOf(small, basisIn(basis, periodicBox(200)))
  const found = distance(alone, featuresOf(repeated).subarray(0, alone.length))
  t.ok(found < 1e-4, `off by ${found}`)
})

t.test(
  'surroundings as features: vectors turn with the cloud, counts stay, all are permuted with its points',
  async t => {
    const { vectors, scalars } = surroundingsChannels(triples || undefined)
    const channels = 3 * vectors + scalars
    const see = makeSurroundings(basis)
    const positions = cloud(4, 70)
    const order = permutation(makeKey(2), 70)
    const [axes, signs] = [
      [1, 2, 0],
      [1, -1, -1],
    ]
    const moved = Float32Array.from(
      positions,
      (_, i) => signs[i % 3] * positions[3 * order[Math.floor(i / 3)] + axes[i % 3]] + 50,
    )
    const before = see(positions, 70, noiseLevel)
    const expected = before.map((_, at) => {
      const [point, channel] = [order[Math.floor(at / channels)], at % channels]
      const a = channel % 3
      return channel < 3 * vectors
        ? signs[a] * before[point * channels + channel - a + axes[a]]
        : before[point * channels + channel]
    })
    const found = distance(see(moved, 70, noiseLevel), expected)
    t.ok(found < 1e-4, `off by ${found}`)
    t.ok(largest(before.filter((_, at) => at % channels < 3 * vectors)) > 0.1, 'there is something to see')
  },
)
