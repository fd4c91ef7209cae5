import fc from 'fast-check'
import t from 'tap'
import { makeKey, normal, permutation, uniform } from '../../../core/index.js'
import {
  addShellSum,
  longitudinalModes,
  MARK_BASIS,
  makeMesh,
  makeShells,
  makeTransform,
  pairBasisFor,
  pairMarkCount,
  pairScalars,
  pairTensorCount,
  pairTensors,
  pairVectors,
  place,
  potentialFlow,
  scalarModes,
  shellFeatures,
  shellsEnd,
  shellWeight,
} from '../../../gnn/marks/index.js'
import { makePairFinder, splinesAt } from '../../../gnn/pairs/index.js'
import { distance, reordered, turned, turns } from '../rows.js'

const boxLengths = [300, 300, 300] as const
const basis = pairBasisFor({ ...MARK_BASIS, splines: 6 }, boxLengths)
const gates = [
  [0, 0],
  [1, 0],
  [0, 1],
] as const

function cloud(seed: number, points: number): Float32Array {
  return uniform(makeKey(seed).split('cloud'), 3 * points).map(u => 300 * u)
}

/** Scalars, vectors and sums over carried vectors of one cloud. */
function featuresOf(positions: Float32Array, marks: Float64Array, vectors: Float64Array) {
  const points = positions.length / 3
  const pairs = makePairFinder(basis.box, basis.reach)(positions, points)
  const channels = new Float64Array(2 * points).map((_, c) => (c % 2 === 0 ? 1 : marks[(c - 1) / 2]))
  const columns = pairMarkCount({ basis, gates })
  const options = { basis, gates, channels, width: 2 }
  const wide = pairTensorCount(basis)
  return {
    scalars: pairScalars(pairs, options, new Float32Array(points * columns), columns),
    vectors: pairVectors(pairs, options, new Float32Array(3 * points * columns), columns),
    tensors: pairTensors(pairs, basis, vectors, 1, new Float32Array(3 * points * wide), wide),
  }
}

/** Features on a mesh: contrast, flow, longitudinal part of what is carried. */
function meshFeaturesOf(positions: Float32Array, vectors: Float64Array) {
  const points = positions.length / 3
  const mesh = makeMesh(boxLengths, 10)
  const shells = makeShells(mesh, [0.03, 0.05, 0.08])
  const placement = place(mesh, positions, points)
  const number = scalarModes(shells, placement, new Float64Array(points).fill(1))
  const contrast = new Float32Array(3 * points)
  shellFeatures(shells, placement, number, 'contrast', contrast, 3)
  const flow = new Float32Array(9 * points)
  shellFeatures(shells, placement, number, 'flow', flow, 3)
  const along = new Float32Array(9 * points)
  shellFeatures(shells, placement, longitudinalModes(shells, placement, vectors), 'along', along, 3)
  return { contrast, flow, along }
}

function near(a: ArrayLike<number>, b: ArrayLike<number>, tolerance: number): boolean {
  return distance(a, b) <= tolerance
}

const points = 60
const marks = Float64Array.from(normal(makeKey(1), points))
const carried = Float64Array.from(normal(makeKey(2), 3 * points))

t.test('sums over near pairs equal the direct sum over all', async t => {
  const positions = cloud(3, points)
  const found = featuresOf(positions, marks, carried)
  const columns = pairMarkCount({ basis, gates })
  const scalars = new Float64Array(points * columns)
  const vectors = new Float64Array(3 * points * columns)
  const tensors = new Float64Array(3 * points * pairTensorCount(basis))
  const values = new Float64Array(3)
  for (let i = 0; i < points; i++)
    for (let j = 0; j < points; j++) {
      const d = [0, 1, 2].map(a => positions[3 * j + a] - positions[3 * i + a]).map(x => x - 300 * Math.round(x / 300))
      const r = Math.hypot(...d)
      if (i === j || r >= basis.reach) continue
      const first = splinesAt(basis, 0, r, values)
      const dot = (k: number) => d.reduce((sum, x, a) => sum + (x / r) * carried[3 * k + a], 0)
      for (let s = 0; s < 3; s++) {
        gates.forEach(([a, b], g) => {
          const weight = (a ? marks[i] : 1) * (b ? marks[j] : 1) * values[s]
          scalars[i * columns + g * 6 + first + s] += weight
          for (let axis = 0; axis < 3; axis++) vectors[(3 * i + axis) * columns + g * 6 + first + s] += weight * d[axis]
        })
        for (let axis = 0; axis < 3; axis++) {
          const kinds = [carried[3 * j + axis], (d[axis] / r) * dot(j), carried[3 * i + axis], (d[axis] / r) * dot(i)]
          kinds.forEach((value, kind) => {
            tensors[(3 * i + axis) * 24 + kind * 6 + first + s] += values[s] * value
          })
        }
      }
    }
  t.ok(near(found.scalars, scalars, 1e-5), 'scalars')
  t.ok(near(found.vectors, vectors, 1e-5), 'vectors')
  t.ok(near(found.tensors, tensors, 1e-5), 'tensors')
})

t.test(
  'vectors turn with the cloud and scalars do not: every signed permutation of the axes; all are permuted with the points',
  async t => {
    const positions = cloud(5, points)
    const before = { ...featuresOf(positions, marks, carried), ...meshFeaturesOf(positions, carried) }
    for (const turn of turns) {
      const [there, carriedThere] = [turned(positions, turn), turned(carried, turn)]
      const after = { ...featuresOf(there, marks, carriedThere), ...meshFeaturesOf(there, carriedThere) }
      for (const name of ['vectors', 'tensors', 'flow', 'along'] as const) {
        const expected = turned(before[name], turn, before[name].length / (3 * points))
        t.ok(near(after[name], expected, 2e-5), `${name} ${turn.axes} ${turn.signs}`)
      }
      for (const name of ['scalars', 'contrast'] as const) t.ok(near(after[name], before[name], 2e-5), name)
    }
    const order = permutation(makeKey(8), points)
    const after = featuresOf(reordered(positions, order, 3), reordered(marks, order, 1), carried)
    const expected = reordered(before.scalars, order, pairMarkCount({ basis, gates }))
    t.ok(near(after.scalars, expected, 1e-5), 'permuted')
  },
)

t.test('a shift of the whole cloud changes nothing near, and on the mesh no more than interpolation errs', async t => {
  const positions = cloud(6, points)
  const moved = positions.map((x, i) => (x + [13.7, 291.1, 4.4][i % 3]) % 300)
  const [a, b] = [positions, moved].map(p => ({ ...featuresOf(p, marks, carried), ...meshFeaturesOf(p, carried) }))
  t.ok(near(a.vectors, b.vectors, 1e-4))
  t.ok(near(a.flow, b.flow, 0.05), 'flow')
})

t.test('the transform of a mesh is the sum it stands for, and back', async () =>
  fc.assert(
    fc.property(fc.nat(1000), seed => {
      const size = [4, 8, 2] as const
      const real = Float64Array.from(normal(makeKey(seed), 64))
      const imaginary = Float64Array.from(normal(makeKey(seed + 1), 64))
      const re = real.slice()
      const im = imaginary.slice()
      const transform = makeTransform(size)
      transform(re, im, false)
      const [kx, ky, kz] = [seed % 4, seed % 8, seed % 2]
      let [sumRe, sumIm] = [0, 0]
      for (let x = 0, at = 0; x < 4; x++)
        for (let y = 0; y < 8; y++)
          for (let z = 0; z < 2; z++, at++) {
            const phase = -2 * Math.PI * ((kx * x) / 4 + (ky * y) / 8 + (kz * z) / 2)
            sumRe += real[at] * Math.cos(phase) - imaginary[at] * Math.sin(phase)
            sumIm += real[at] * Math.sin(phase) + imaginary[at] * Math.cos(phase)
          }
      const at = (kx * 8 + ky) * 2 + kz
      const close = Math.abs(re[at] - sumRe) < 1e-9 && Math.abs(im[at] - sumIm) < 1e-9
      transform(re, im, true)
      return close && re.every((v, i) => Math.abs(v / 64 - real[i]) < 1e-12)
    }),
    { seed: 4, numRuns: 30 },
  ),
)

t.test(
  'shells: hat functions that add up to one between the first node and the last, and end where they say',
  async t => {
    const nodes = [0.01, 0.02, 0.05]
    for (const k of [0.004, 0.01, 0.013, 0.03, 0.05])
      t.ok(Math.abs(nodes.reduce((sum, _, b) => sum + shellWeight(nodes, b, k), 0) - 1) < 1e-12, `${k}`)
    t.equal(shellWeight(nodes, 2, shellsEnd(nodes) * 1.0001), 0)
  },
)

t.test('a plane wave of points: its flow feature is the displacement that made it, by linear theory', async t => {
  // points on a grid of 20, displaced by A sin(k x) along x: delta = -A k cos(k x), flow i k / k^2 delta = A sin(k x)
  const side = 20
  const k = (2 * Math.PI * 2) / 300
  const A = 0.5
  const positions = new Float32Array(3 * side ** 3)
  const displacement = new Float64Array(side ** 3)
  for (let i = 0; i < side ** 3; i++) {
    const q = [Math.floor(i / side ** 2), Math.floor(i / side) % side, i % side].map(n => (n + 0.5) * (300 / side))
    displacement[i] = A * Math.sin(k * q[0])
    positions.set([q[0] + displacement[i], q[1], q[2]], 3 * i)
  }
  const mesh = makeMesh(boxLengths, 15)
  const shells = makeShells(mesh, [0.03, 0.06])
  const placement = place(mesh, positions, side ** 3)
  const out = new Float32Array(3 * side ** 3 * 2)
  shellFeatures(shells, placement, scalarModes(shells, placement, new Float64Array(side ** 3).fill(1)), 'flow', out, 2)
  const along = Float64Array.from({ length: side ** 3 }, (_, i) => out[6 * i] + out[6 * i + 1])
  t.ok(near(along, displacement, 0.03))
})

t.test('a sum over shells is that of its features', async t => {
  const positions = cloud(7, points)
  const mesh = makeMesh(boxLengths, 20)
  const shells = makeShells(mesh, [0.03, 0.05])
  const placement = place(mesh, positions, points)
  const modes = longitudinalModes(shells, placement, carried)
  const features = new Float32Array(3 * points * 2)
  shellFeatures(shells, placement, modes, 'along', features, 2)
  const sum = new Float64Array(3 * points)
  addShellSum(shells, placement, modes, 'along', [0.7, -2], sum)
  t.ok(
    near(
      sum,
      sum.map((_, row) => 0.7 * features[2 * row] - 2 * features[2 * row + 1]),
      1e-5,
    ),
  )
})

t.test('a random flow: its variance is that of its spectrum', async t => {
  const mesh = makeMesh(boxLengths, 10)
  const positions = cloud(9, 4000)
  const power = (k: number) => (k < 0.1 ? 1e6 : 0)
  let modes = 0
  for (let x = -6; x <= 6; x++)
    for (let y = -6; y <= 6; y++)
      for (let z = -6; z <= 6; z++) {
        const k = (2 * Math.PI * Math.hypot(x, y, z)) / 300
        if (k > 0 && k < 0.1) modes++
      }
  const expected = (modes * 1e6) / 300 ** 3 / 3
  let square = 0
  const draws = 4
  for (let d = 0; d < draws; d++)
    for (const v of potentialFlow(mesh, place(mesh, positions, 4000), power, makeKey(d))) square += v * v
  const ratio = square / (draws * 12000) / expected
  t.ok(Math.abs(ratio - 1) < 0.15, `variance over expected ${ratio}`)
})

t.test('a box too small or open is refused', async t => {
  t.throws(() => pairBasisFor(MARK_BASIS, [200, 300, 300]), { name: 'UsageError' })
  t.throws(() => pairBasisFor(MARK_BASIS, [null, 300, 300]), { name: 'UsageError' })
})
