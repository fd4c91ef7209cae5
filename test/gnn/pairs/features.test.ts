import fc from 'fast-check'
import t from 'tap'
import { makeKey, normal, periodicBox, permutation, uniform } from '../../../core/index.js'
import {
  basisIn,
  featureCount,
  makePairFeatures,
  makePairFinder,
  makePairForce,
  type PairBasis,
  pairBasis,
  softening,
  splineSpacing,
} from '../../../gnn/pairs/index.js'
import { clusteredCloud, distance, reordered, turned, turns } from '../rows.js'

const side = 100
const bases: Readonly<Record<string, PairBasis>> = {
  gated: pairBasis(periodicBox(side), { splines: 8 }),
  plain: pairBasis(periodicBox(side), { splines: 8, gated: false }),
  oblong: pairBasis([side, 130, 70], { splines: 8 }),
}
const noiseLevel = 1.7

/** Some points lie outside the box. */
const cloud = (seed: number, points: number) => clusteredCloud(seed, points, { span: 2 * side, offset: -30, spread: 3 })

function featuresOf(basis: PairBasis, positions: Float32Array): Float32Array {
  const points = positions.length / 3
  return makePairFeatures(basis)(positions, points, noiseLevel, new Float32Array(3 * points * featureCount(basis)))
}

/** The definition, summed over all pairs in float64 (`PairBasis`), B-splines by the recursion of Cox and de Boor. */
function direct(basis: PairBasis, positions: Float32Array): Float64Array {
  const n = positions.length / 3
  const { box, reach } = basis
  const to = (i: number, j: number) =>
    box.map((length, a) => {
      const d = positions[3 * j + a] - positions[3 * i + a]
      return d - length * Math.round(d / length)
    })
  const environments = basis.environments.map(({ least, times }) => {
    const radius = Math.max(least, times * noiseLevel)
    const weight = (r: number) => Math.exp(-0.5 * (r / radius) ** 2)
    const steps = 20000
    let mean = 0
    for (let s = 0; s < steps; s++) {
      const r = ((s + 0.5) / steps) * reach
      mean += ((4 * Math.PI * r * r * weight(r) * reach) / steps) * (n / (box[0] * box[1] * box[2]))
    }
    return Array.from({ length: n }, (_, i) => {
      let count = 0
      for (let j = 0; j < n; j++) {
        const r = Math.hypot(...to(i, j))
        if (j !== i && r < reach) count += weight(r)
      }
      return Math.log((count + 0.5) / (mean + 0.5))
    })
  })
  const gate = (which: number, i: number) => (which === 0 ? 1 : environments[which - 1][i])
  const spline = (k: number, u: number, degree: number): number =>
    degree === 0
      ? Number(u >= k && u < k + 1)
      : ((u - k) / degree) * spline(k, u, degree - 1) + ((k + degree + 1 - u) / degree) * spline(k + 1, u, degree - 1)
  const columns = featureCount(basis)
  const out = new Float64Array(3 * n * columns)
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      const d = to(i, j)
      const r = Math.hypot(...d)
      if (i === j || r >= reach) continue
      const u = Math.max(0, Math.log(r / basis.inner) / splineSpacing(basis))
      const scale = Math.min(1, (reach - r) / (0.2 * reach)) / (r + softening(basis, noiseLevel))
      basis.gates.forEach(([atReceiver, atSender], g) => {
        for (let k = 0; k < basis.splines; k++)
          for (let a = 0; a < 3; a++)
            out[(3 * i + a) * columns + g * basis.splines + k] +=
              gate(atReceiver, i) * gate(atSender, j) * spline(k - 2, u, 2) * scale * d[a]
      })
    }
  return out
}

function near(t: Tap, a: ArrayLike<number>, b: ArrayLike<number>, tolerance: number): void {
  const off = distance(a, b)
  t.ok(off <= tolerance, `off by ${off} of the largest`)
}
type Tap = { ok(value: boolean, message: string): unknown }

for (const [name, basis] of Object.entries(bases)) {
  t.test(`${name}: features equal the direct sum in float64`, async t => {
    for (const points of [2, 3, 120]) {
      const positions = cloud(points, points)
      near(t, featuresOf(basis, positions), direct(basis, positions), 2e-6)
    }
  })

  t.test(`${name}: features are permuted with the points and do not move with the cloud`, async () =>
    fc.assert(
      fc.property(
        fc.nat(1000),
        fc.array(fc.integer({ min: -300, max: 300 }), { minLength: 3, maxLength: 3 }),
        (seed, shift) => {
          const positions = cloud(seed, 60)
          const order = permutation(makeKey(seed), 60)
          const moved = reordered(positions, order, 3).map((x, i) => x + shift[i % 3])
          const before = featuresOf(basis, positions)
          const after = featuresOf(basis, moved)
          return distance(after, reordered(before, order, 3 * featureCount(basis))) < 1e-4
        },
      ),
      { seed: 3, numRuns: 20 },
    ),
  )
}

t.test('features turn with the cloud: every signed permutation of the axes (quarter turns, reflections)', async t => {
  const basis = bases.gated
  const columns = featureCount(basis)
  const positions = cloud(5, 60)
  const before = featuresOf(basis, positions)
  for (const turn of turns) {
    near(t, featuresOf(basis, turned(positions, turn)), turned(before, turn, columns), 1e-5)
  }
})

t.test('pairs within reach: all of them, once each, by minimum image', async t => {
  for (const points of [0, 1, 2, 200]) {
    const positions = cloud(points, points)
    const list = makePairFinder([side, side, side], 25)(positions, points)
    const found = new Map<string, number>()
    for (let q = 0; q < points; q++)
      for (let p = list.offsets[q]; p < list.offsets[q + 1]; p++)
        found.set(`${list.order[q]}-${list.order[list.senders[p]]}`, list.geometry[4 * p + 3])
    let expected = 0
    for (let i = 0; i < points; i++)
      for (let j = 0; j < points; j++) {
        const d = [0, 1, 2].map(a => positions[3 * j + a] - positions[3 * i + a])
        const r = Math.hypot(...d.map(x => x - side * Math.round(x / side)))
        if (i === j || r >= 25) continue
        expected++
        t.ok(Math.abs((found.get(`${i}-${j}`) ?? 0) - r) < 1e-4, `pair ${i}-${j} at ${r}`)
      }
    t.equal(list.offsets[points], expected)
    t.equal(found.size, expected)
  }
})

t.test('the tabulated force equals features times coefficients', async t => {
  for (const basis of Object.values(bases)) {
    const columns = featureCount(basis)
    const positions = cloud(9, 150)
    const coefficients = Float64Array.from(normal(makeKey(1), columns))
    const features = featuresOf(basis, positions)
    const expected = Array.from({ length: 450 }, (_, row) =>
      coefficients.reduce((sum, c, k) => sum + c * features[row * columns + k], 0),
    )
    const force = makePairForce(basis)
    near(t, force(positions, 150, noiseLevel, coefficients, new Float32Array(450)), expected, 1e-3)
    t.throws(() => force(positions, 150, noiseLevel, coefficients.subarray(1), new Float32Array(450)), {
      name: 'UsageError',
    })
  }
})

t.test('a basis refuses an open axis, another dimension and a reach beyond a quarter of the box', async t => {
  t.throws(() => pairBasis([100, null, 100]), { name: 'UsageError' })
  t.throws(() => pairBasis([100, 100]), { name: 'UsageError' })
  t.throws(() => pairBasis(periodicBox(100), { reach: 26 }), { name: 'UsageError' })
})

t.test(
  'a small box sees its periodic images: features as in the same cloud repeated in a box four times as long',
  async t => {
    const large = pairBasis(periodicBox(160), { splines: 8, reach: 24, inner: 2 })
    for (const [length, points] of [
      [40, 30],
      [40, 1],
      [80, 50],
    ]) {
      const basis = basisIn(large, periodicBox(length))
      const one = uniform(makeKey(points), points * 3).map(u => u * length)
      const repeats = 160 / length
      const shifts = Array.from({ length: repeats ** 3 }, (_, c) => [
        Math.floor(c / repeats ** 2),
        Math.floor(c / repeats) % repeats,
        c % repeats,
      ])
      const many = Float32Array.from(shifts.flatMap(shift => Array.from(one, (x, i) => x + length * shift[i % 3])))
      const expected = featuresOf(large, many).subarray(0, 3 * points * featureCount(basis))
      if (points === 1)
        t.ok(expected.every(v => Math.abs(v) < 1e-4) && featuresOf(basis, one).every(v => v === 0), 'one point alone')
      else near(t, featuresOf(basis, one), expected, 1e-5)
    }
    const { box: _, ...lengths } = basisIn(large, periodicBox(1000))
    t.match(large, lengths, 'no length changes with the box')
    t.throws(() => basisIn(large, periodicBox(24)), { name: 'UsageError', message: /more than 24/ })
  },
)
