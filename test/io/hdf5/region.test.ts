import fc from 'fast-check'
import t from 'tap'
import { blockBytes } from '../../../io/hdf5/read.js'
import { blocksOf, rowsPerBlock } from '../../../io/hdf5/region.js'

const product = (sizes: readonly number[]) => sizes.reduce((a, b) => a * b, 1)

t.test('blocks cover a region once, in row-major order, and none is larger than a block unless one index is', t => {
  const size = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 5000 }))
  const region = fc.array(fc.tuple(fc.nat(7), size), { minLength: 1, maxLength: 3 })
  fc.assert(
    fc.property(region, fc.constantFrom(1, 4, 8, 4096), (axes, bytes) => {
      const whole = { offset: axes.map(([offset]) => offset), count: axes.map(([, count]) => count) }
      const strides = whole.count.map((_, axis) => product(whole.count.slice(axis + 1)))
      let next = 0
      let blocks = 0
      for (const { offset, count } of blocksOf(whole, bytes, null)) {
        const first = offset.reduce((sum, place, axis) => sum + (place - whole.offset[axis]) * strides[axis], 0)
        if (first !== next) return false
        next += product(count)
        if (product(count) * bytes > blockBytes && product(count) > 1) return false
        if (++blocks > 20_000) return true
      }
      return next === product(whole.count)
    }),
    { numRuns: 60, seed: 4 },
  )
  t.end()
})

t.test('blocks of rows are whole chunks where these fit', t => {
  t.equal(rowsPerBlock(100, 7, 1000), 7)
  t.equal(rowsPerBlock(100, 4, 1000), 8)
  t.equal(rowsPerBlock(100, 64, 1000), 10, 'a chunk that does not fit is cut')
  t.equal(rowsPerBlock(5000, 1, 1000), 1)
  t.end()
})
