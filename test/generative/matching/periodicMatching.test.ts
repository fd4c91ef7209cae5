import fc from 'fast-check'
import t from 'tap'
import { makeKey, permutation, uniform } from '../../../core/index.js'
import { matchingCost, matchPoints } from '../../../generative/matching/index.js'

function cloud(seed: number | string, points: number, lengths: readonly number[]): Float32Array {
  return uniform(makeKey(4).split(seed), points * lengths.length).map((u, i) => u * lengths[i % lengths.length])
}

function permutations(n: number): number[][] {
  if (n === 0) return [[]]
  return permutations(n - 1).flatMap(rest => Array.from({ length: n }, (_, at) => rest.toSpliced(at, 0, n - 1)))
}

const isPermutation = (partners: Int32Array): boolean =>
  Int32Array.from(partners)
    .sort()
    .every((j, i) => j === i)

t.test('small clouds: the cost is that of the best of all permutations, up to the tolerance', async () =>
  fc.assert(
    fc.property(fc.nat(1000), fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 3 }), (seed, points, dim) => {
      const lengths = [10, 7, 13].slice(0, dim)
      const from = cloud(`from ${seed}`, points, lengths)
      const to = cloud(`to ${seed}`, points, lengths)
      const tolerance = 1e-3
      const partners = matchPoints(from, to, lengths, { tolerance })
      const best = Math.min(...permutations(points).map(p => matchingCost(from, to, Int32Array.from(p), lengths)))
      return isPermutation(partners) && matchingCost(from, to, partners, lengths) <= best + points * tolerance + 1e-3
    }),
    { seed: 2, numRuns: 60 },
  ),
)

t.test('no two points gain more than the tolerances by exchanging partners', async t => {
  const lengths = [50, 50, 50]
  const points = 90
  const tolerance = 0.5
  const from = cloud('from', points, lengths)
  const to = cloud('to', points, lengths)
  const partners = matchPoints(from, to, lengths, { tolerance })
  const cost = matchingCost(from, to, partners, lengths)
  let most = 0
  for (let i = 0; i < points; i++)
    for (let j = 0; j < i; j++) {
      const swapped = Int32Array.from(partners)
      swapped[i] = partners[j]
      swapped[j] = partners[i]
      most = Math.max(most, cost - matchingCost(from, to, swapped, lengths))
    }
  t.ok(most <= 2 * tolerance + 1e-3, `an exchange gains ${most}`)
})

t.test(
  'large clouds, also clustered: a permutation, far shorter than pairs at random; a cloud is its own partner, up to the tolerance',
  async t => {
    const lengths = [100, 120, 80]
    const points = 1500
    const from = cloud('a', points, lengths)
    const even = cloud('b', points, lengths)
    const clustered = even.map((x, i) => (i % 3 === 0 ? x / 3 : x))
    for (const to of [even, clustered]) {
      const partners = matchPoints(from, to, lengths)
      t.ok(isPermutation(partners))
      const random = matchingCost(from, to, permutation(makeKey(1), points), lengths)
      const share = matchingCost(from, to, partners, lengths) / random
      t.ok(share < (to === even ? 0.02 : 0.4), `${share} of the cost at random`)
    }
    const moved = from.map((x, i) => x + lengths[i % 3])
    const spacing2 = ((100 * 120 * 80) / points) ** (2 / 3)
    const own = matchingCost(from, moved, matchPoints(from, moved, lengths), lengths)
    t.ok(own <= 0.02 * spacing2 * points, `a cloud and itself: ${own}`)
  },
)

t.test('no points, and clouds of different size', async t => {
  t.equal(matchPoints(new Float32Array(0), new Float32Array(0), [1, 1, 1]).length, 0)
  t.throws(() => matchPoints(new Float32Array(3), new Float32Array(6), [1, 1, 1]), { name: 'UsageError' })
})
