import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { makeKey } from '../../../core/index.js'
import { batchesAnEpoch, rowPairs } from '../../../pipelines/densities/batches.js'
import { type RowStore, rowWriter } from '../../../pipelines/densities/rowStore.js'

/** Wide rows, so that few fill a chunk of four mebibytes; row i holds i in its first number and -i in its last. */
const width = 2 ** 15
const rows = 150

function store(scratch: string, limit: number): RowStore {
  const writer = rowWriter(width, limit, scratch)
  // In pieces of other lengths than chunks have
  for (let first = 0; first < rows; first += 7) {
    const count = Math.min(7, rows - first)
    const values = new Float32Array(count * width)
    for (let i = 0; i < count; i++) {
      values[i * width] = first + i
      values[(i + 1) * width - 1] = -(first + i)
    }
    writer.append(values)
  }
  return writer.finish()
}

const options = { key: makeKey(6), batch: 8, window: 8 << 20, parameters: 1 }

/** Indices of the rows of the first batches, and where the stream stood after each. */
async function taken(from: RowStore, batches: number, position = { epoch: 0, batch: 0 }) {
  const out: { readonly rows: number[]; readonly next: { readonly epoch: number; readonly batch: number } }[] = []
  for await (const { z, objects, next } of rowPairs(from, options, position)(new AbortController().signal)) {
    const own = Array.from(z)
    if (own.some((value, row) => objects[row].length !== width - 1 || objects[row][width - 2] !== -value)) {
      throw new Error('a row is torn')
    }
    out.push({ rows: own, next })
    if (out.length === batches) return out
  }
  return out
}

t.test(
  'rows in a file: each at most once an epoch, in windows, in another order each time, from any position on',
  async t => {
    const scratch = join(t.testdir({}), 'rows.scratch')
    const held = store(scratch, 0)
    t.ok(existsSync(scratch) && !held.inMemory)
    t.same([held.count, held.chunkRows], [rows, 32])
    const perEpoch = batchesAnEpoch(held, options.batch, options.window)
    const found = await taken(held, 2 * perEpoch + 3)
    for (const epoch of [0, 1]) {
      const own = found.filter(({ next }) => next.epoch === epoch).flatMap(batch => batch.rows)
      t.equal(new Set(own).size, own.length, `no row twice in epoch ${epoch}`)
      t.ok(own.length >= rows - 3 * options.batch, `${own.length} of ${rows} rows`)
      t.ok(own.every(row => row >= 0 && row < rows))
    }
    const [first, second] = [0, 1].map(epoch =>
      found.filter(({ next }) => next.epoch === epoch).flatMap(batch => batch.rows),
    )
    t.notSame(first, second)
    const chunks = new Set(first.slice(0, options.batch).map(row => Math.floor(row / held.chunkRows)))
    t.ok(chunks.size <= 2, 'a window holds two chunks')
    for (const at of [0, 4, perEpoch - 1, perEpoch + 2]) {
      t.same(await taken(held, 3, found[at].next), found.slice(at + 1, at + 4), `on from ${at + 1} batches`)
    }
    held.close()
    t.notOk(existsSync(scratch))
  },
)

t.test('rows in memory are all mixed, and make no file', async t => {
  const scratch = join(t.testdir({}), 'rows.scratch')
  const held = store(scratch, Number.POSITIVE_INFINITY)
  t.notOk(existsSync(scratch))
  t.equal(batchesAnEpoch(held, options.batch, options.window), Math.floor(rows / options.batch))
  const found = await taken(held, Math.floor(rows / options.batch))
  const own = found.flatMap(batch => batch.rows)
  t.equal(new Set(own).size, own.length)
  t.ok(new Set(own.slice(0, 24).map(row => Math.floor(row / held.chunkRows))).size > 2, 'of all chunks at once')
})
