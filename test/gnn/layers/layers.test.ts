import * as tf from '@tensorflow/tfjs'
import fc from 'fast-check'
import t from 'tap'
import { FeedsTooNarrow, feedsOf, fillFeeds, noiseEmbedding, radialFeatures } from '../../../gnn/layers/index.js'

await tf.setBackend('cpu')

t.test('feeds hold every edge once, at its sender, in ascending order', async () => {
  const graphs = fc.integer({ min: 2, max: 12 }).chain(points =>
    fc.record({
      points: fc.constant(points),
      senders: fc.array(fc.nat(points - 1), { minLength: points * 3, maxLength: points * 3 }),
    }),
  )
  fc.assert(
    fc.property(graphs, ({ points, senders }) => {
      const { edges, width } = feedsOf(Int32Array.from(senders), points)
      const seen = new Set<number>()
      for (let i = 0; i < points; i++) {
        const row = [...edges.subarray(i * width, (i + 1) * width)].filter(e => e >= 0)
        row.forEach((edge, slot) => {
          if (senders[edge] !== i || seen.has(edge) || (slot > 0 && row[slot - 1] >= edge))
            throw new Error(`edge ${edge} at ${i}`)
          seen.add(edge)
        })
      }
      return seen.size === senders.length && width % 8 === 0
    }),
    { seed: 5 },
  )
})

t.test('a table too narrow says which point', async t => {
  t.throws(() => fillFeeds(Int32Array.from([1, 1, 1]), 3, 2), new FeedsTooNarrow(2, 1))
})

t.test('the noise embedding tells levels apart over the whole range and is bounded', async t => {
  const levels = Array.from({ length: 101 }, (_, i) => -14 + (22 * i) / 100)
  const rows = noiseEmbedding(tf.tensor1d(levels), { channels: 16, logSnrRange: [-14, 8] }).arraySync() as number[][]
  t.same([rows.length, rows[0].length], [101, 16])
  t.ok(rows.flat().every(v => Math.abs(v) <= 1))
  for (let i = 0; i < rows.length; i++) {
    for (let j = 0; j < i; j++) {
      const apart = Math.hypot(...rows[i].map((v, c) => v - rows[j][c]))
      t.ok(apart > 0.1, `levels ${levels[i]} and ${levels[j]} are apart by ${apart}`)
    }
  }
})

t.test('radial Gaussians peak at their centres, evenly in log r', async t => {
  const r = tf.tensor4d([0.1, 1, 10], [1, 1, 3, 1])
  const rows = (radialFeatures(r, { count: 3, from: 0.1, to: 10 }).arraySync() as number[][][][])[0][0]
  const e = Math.exp(-0.5)
  const expected = [
    [0.01, 1, e, e ** 4],
    [0.1, e, 1, e],
    [1, e ** 4, e, 1],
  ]
  rows.forEach((row, i) => {
    row.forEach((v, c) => {
      t.ok(Math.abs(v - expected[i][c]) < 1e-5, `${v} for ${expected[i][c]}`)
    })
  })
})
