import t from 'tap'
import { integers, makeKey, normal, permutation, philox4x32, randomWords, uniform } from '../../core/index.js'

// Random123's kat_vectors, lines "philox4x32 10 …" (github.com/DEShawResearch/random123, tests/kat_vectors)
const knownAnswers: [[number, number, number, number], [number, number], number[]][] = [
  [
    [0, 0, 0, 0],
    [0, 0],
    [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  ],
  [
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
]

t.test('Philox 4x32-10 gives the vectors of Random123', async t => {
  for (const [counter, key, expected] of knownAnswers) {
    const out = new Uint32Array(4)
    philox4x32(counter, key[0], key[1], out)
    t.same([...out], expected)
  }
})

t.test('a key has no state and its children differ', async t => {
  const key = makeKey(7)
  t.same(normal(key.split('noise'), 10), normal(key.split('noise'), 10))
  t.notSame(normal(key.split('noise'), 10), normal(key.split('times'), 10))
  t.notSame(normal(key.split(0), 10), normal(key.split(1), 10))
  t.notSame(makeKey(0).words, makeKey(2 ** 32).words)
})

t.test('a stream can be entered anywhere', async t => {
  const key = makeKey(3)
  t.same(randomWords(key, 8, 4), randomWords(key, 12).subarray(4))
})

t.test('moments and ranges', async t => {
  const n = 200_000
  const x = normal(makeKey(1), n)
  const mean = x.reduce((a, b) => a + b, 0) / n
  const variance = x.reduce((a, b) => a + b * b, 0) / n
  const kurtosis = x.reduce((a, b) => a + b ** 4, 0) / n
  t.ok(Math.abs(mean) < 4 / Math.sqrt(n), `mean ${mean}`)
  t.ok(Math.abs(variance - 1) < 4 * Math.sqrt(2 / n), `variance ${variance}`)
  t.ok(Math.abs(kurtosis - 3) < 4 * Math.sqrt(96 / n), `kurtosis ${kurtosis}`)
  const u = uniform(makeKey(2), [n])
  t.ok(u.every(v => v > 0 && v < 1))
  t.ok(Math.abs(u.reduce((a, b) => a + b, 0) / n - 0.5) < 4 / Math.sqrt(12 * n))
  t.ok(integers(makeKey(4), 1000, 7).every(v => v >= 0 && v < 7))
  t.same(
    [...permutation(makeKey(5), 50)].sort((a, b) => a - b),
    Array.from({ length: 50 }, (_, i) => i),
  )
})
