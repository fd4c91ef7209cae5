import fc from 'fast-check'
import t from 'tap'
import { isRagged, openHdf5Table, type TableBatch, toNumbers, writeHdf5 } from '../../../io/index.js'
import { temporaryFolder } from '../temporary.js'

const at = temporaryFolder()

/** The lists of a ragged column `v` and the rows of `theta`, from batches. */
async function rowsOf(batches: AsyncIterable<TableBatch>, most: { from: number; to: number }) {
  const [lists, theta, sizes]: [number[][], number[], number[]] = [[], [], []]
  for await (const { start, rows, columns } of batches) {
    t.ok(start >= most.from && start + rows <= most.to, 'no more than asked for')
    sizes.push(rows)
    const { v } = columns
    if (!isRagged(v)) throw new TypeError('v is ragged')
    for (let row = 0; row < rows; row++) lists.push(toNumbers(v.values).slice(v.offsets[row], v.offsets[row + 1]))
    theta.push(...toNumbers(columns.theta as Float64Array))
  }
  return { lists, theta, sizes }
}

t.test('ragged rows come whole and in order, whatever the range and the size of a batch', async t => {
  const lengths = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 20 })
  let run = 0
  await fc.assert(
    fc.asyncProperty(lengths, fc.nat(20), fc.nat(20), fc.integer({ min: 8, max: 200 }), async (counts, a, b, bytes) => {
      const path = at(`ragged-${run++}.h5`)
      const lists = counts.map((count, row) => Array.from({ length: count }, (_, i) => 100 * row + i))
      const starts = [0]
      for (const count of counts) starts.push(starts[starts.length - 1] + count)
      await writeHdf5(path, {}, writer => {
        writer.write('v', Float64Array.from(lists.flat()), { units: 'km/s' })
        writer.write('offsets', BigInt64Array.from(starts, BigInt), { units: '' })
        writer.write('theta', Float64Array.from(counts.keys()), { shape: [counts.length, 1], units: '' })
      })
      const table = await openHdf5Table(path, 'v')
      const range = { from: Math.min(a, b), to: Math.max(a, b) }
      const found = await rowsOf(table.batches(undefined, { ...range, batchBytes: bytes }), range)
      t.strictSame(found.lists, lists.slice(range.from, range.to))
      t.strictSame(found.theta, [...counts.keys()].slice(range.from, range.to))
      const own = counts.slice(range.from, range.to)
      let row = 0
      for (const size of found.sizes) {
        const values = own.slice(row, row + size).reduce((sum, count) => sum + count, 0)
        t.ok(size === 1 || 8 * values <= bytes, 'a batch is bounded, but for a row that is larger')
        row += size
      }
      t.same(await table.lengths?.('v'), { total: starts.at(-1), longest: Math.max(...counts) })
      table.close()
    }),
    { numRuns: 25, seed: 11 },
  )
})
