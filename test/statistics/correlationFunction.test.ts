import { deepEqual } from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import t from 'tap'
import { DataError, makeKey, periodicBox, UsageError } from '../../core/index.js'
import { correlationEdges, correlationFunction, pairCounts, uniformPairs } from '../../statistics/index.js'
import { clusteredPoints, directPairCounts, poissonPoints, quadraticPoints } from './clouds.js'

const box = periodicBox(1000)

t.test('pair counts are those of the direct sum, whatever the box and the radius', async () => {
  const length = fc.option(fc.integer({ min: 50, max: 400 }), { nil: null })
  fc.assert(
    fc.property(
      fc.integer(),
      fc.integer({ min: 2, max: 150 }),
      fc.tuple(length, length, length),
      fc.double({ min: 0.02, max: 1, noNaN: true }),
      (seed, points, box, share) => {
        const positions = wrapped(poissonPoints(makeKey(seed), points, 300), box)
        const reach = share * Math.min(...box.map(side => (side ?? 300) / 2))
        const edges = [0.1 * reach, 0.5 * reach, 0.8 * reach, reach]
        deepEqual([...pairCounts(positions, box, edges)], directPairCounts(positions, box, edges))
      },
    ),
    { seed: 1, numRuns: 150 },
  )
})

t.test('no translation of the box and no order of points or axes changes a count', async () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 0, max: 63 }), (seed, steps) => {
      // coordinates on a grid of 1/64: every translation is exact in float32
      const positions = clusteredPoints(makeKey(seed), 20, 20, 60, 512).map(x => Math.floor(x * 64) / 64)
      const moved = positions.map(x => (x + 8 * steps) % 512)
      const turned = positions.map((_, at) => positions[3 * Math.floor(at / 3) + ((at + 1) % 3)])
      const backward = positions.map((_, at) => positions[positions.length - 3 * (Math.floor(at / 3) + 1) + (at % 3)])
      const edges = [1, 10, 30, 100, 256]
      const counts = pairCounts(positions, periodicBox(512), edges)
      for (const other of [moved, turned, backward]) deepEqual(pairCounts(other, periodicBox(512), edges), counts)
    }),
    { seed: 2, numRuns: 25 },
  )
})

// from scipy.spatial import cKDTree; T = cKDTree(x.astype(float), boxsize=1000.)       scipy of the peers environment
// np.diff((T.count_neighbors(T, edges) - len(x)) // 2)      with x = quadraticPoints as float32
t.test("pair counts are those of scipy's cKDTree", async t => {
  const counts = pairCounts(quadraticPoints(5000, 1000), box, correlationEdges)
  t.same([...counts], [8, 17, 70, 225, 485, 1470, 4416, 11491, 20356, 31569, 45512, 61627])
  const few = quadraticPoints(700, 1000)
  t.same([...pairCounts(few, box, [30, 100, 250, 500])], [943, 14777, 112002], 'up to half the box')
  t.same([...pairCounts(few, [null, null, null], [30, 100, 250, 900])], [841, 10654, 187376], 'in the open')
})

const corrfunc = '../shared/data/cosmology/corrfunc'
t.test(
  "angular pair counts of 84,383 mock galaxies are Corrfunc's",
  { skip: existsSync(corrfunc) ? false : 'no ../shared/data beside the checkout' },
  async t => {
    // DDtheta of Mr19_mock_northonly.rdcz in angular_bins: chords of unit vectors. Corrfunc counts each pair twice.
    const [ra, dec] = fortranDoubles(`${corrfunc}/Mr19_mock_northonly.rdcz.ff.gz`)
    const positions = new Float32Array(3 * ra.length)
    for (let i = 0; i < ra.length; i++) {
      const [alpha, delta] = [(ra[i] * Math.PI) / 180, (dec[i] * Math.PI) / 180]
      positions.set([Math.cos(delta) * Math.cos(alpha), Math.cos(delta) * Math.sin(alpha), Math.sin(delta)], 3 * i)
    }
    const bins = tableOf(`${corrfunc}/angular_bins`).slice(0, 12)
    const degrees = [...bins.map(row => row[0]), bins[11][1]]
    const expected = tableOf(`${corrfunc}/Mr19_mock_wtheta.DD`)
      .slice(0, 12)
      .map(row => row[0] / 2)
    const chords = degrees.map(theta => 2 * Math.sin((theta * Math.PI) / 360))
    // positions are float32: the odd pair lies on the other side of a bin's edge
    for (const [bin, count] of pairCounts(positions, [null, null, null], chords).entries())
      t.ok(
        Math.abs(count - expected[bin]) <= 2 + 2e-5 * expected[bin],
        `${count} pairs in bin ${bin}, Corrfunc ${expected[bin]}`,
      )
  },
)

t.test('a lattice has the pairs of its shells', async t => {
  // simple cubic, spacing 10: 6 neighbours at 10, 12 at 14.1, 8 at 17.3, 6 at 20; a thousand points
  const lattice = Float32Array.from(
    { length: 3000 },
    (_, at) => 10 * (Math.floor(Math.floor(at / 3) / 10 ** (at % 3)) % 10),
  )
  const edges = [5, 12, 16, 18, 21]
  t.same([...pairCounts(lattice, periodicBox(100), edges)], [3000, 6000, 4000, 3000])
})

t.test('Poisson points have no correlation, within Poisson errors', async t => {
  let chiSquare = 0
  const fields = 12
  for (let field = 0; field < fields; field++) {
    const xi = correlationFunction(poissonPoints(makeKey(7).split(field), 3000, 1000), box)
    const expected = uniformPairs(3000, box, correlationEdges)
    xi.forEach((value, bin) => {
      chiSquare += value ** 2 * expected[bin]
    })
  }
  const freedom = fields * (correlationEdges.length - 1)
  t.ok(Math.abs(chiSquare - freedom) < 4 * Math.sqrt(2 * freedom), `chi-square ${chiSquare.toFixed(1)} for ${freedom}`)
})

t.test('a Neyman-Scott process has the correlation of its clusters', async t => {
  // m children uniform in a cube of side a: extra pairs P (m choose 2), all nearer than sqrt(3) a
  const [parents, children, spread] = [400, 6, 12]
  const bound = Math.sqrt(3) * spread
  const excess = (parents * children * (children - 1)) / 2
  const points = parents * children
  const edges = [0, bound, 60]
  const fields = Array.from({ length: 8 }, (_, f) =>
    correlationFunction(clusteredPoints(makeKey(3).split(f), parents, children, spread, 1000), box, edges),
  )
  const expected = excess / uniformPairs(points, box, edges)[0]
  const inside = fields.reduce((sum, xi) => sum + xi[0] / fields.length, 0)
  t.ok(Math.abs(inside / expected - 1) < 0.05, `xi ${inside.toFixed(2)}, expected ${expected.toFixed(2)}`)
})

t.test('what cannot be counted is an error that says so', async t => {
  const few = poissonPoints(makeKey(1), 10, 100)
  t.throws(() => correlationFunction(few, periodicBox(100), [10, 60]), UsageError, 'beyond half the box')
  t.throws(() => correlationFunction(few, [100, 100, null], [10, 20]), UsageError, 'open axis')
  t.throws(() => correlationFunction(few, periodicBox(100), [10, 5]), UsageError, 'edges that fall')
  t.throws(() => correlationFunction(few.subarray(0, 3), periodicBox(100), [1, 5]), DataError, 'one point')
})

function wrapped(positions: Float32Array, box: readonly (number | null)[]): Float32Array {
  return positions.map((x, at) => x % (box[at % 3] ?? Number.POSITIVE_INFINITY))
}

function tableOf(path: string): number[][] {
  const rows = readFileSync(path, 'utf8').trim().split('\n')
  return rows.map(row => row.trim().split(/\s+/).map(Number))
}

/** Columns of float64 in Fortran's unformatted records, after three records of header. */
function fortranDoubles(path: string): Float64Array[] {
  const bytes = gunzipSync(readFileSync(path))
  const columns: Float64Array[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readInt32LE(at)
    columns.push(
      new Float64Array(
        bytes.buffer.slice(bytes.byteOffset + at + 4, bytes.byteOffset + at + 4 + length - (length % 8)),
      ),
    )
    at += length + 8
  }
  return columns.slice(3)
}
