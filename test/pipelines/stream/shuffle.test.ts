import fc from 'fast-check'
import t from 'tap'
import { makeKey } from '../../../core/index.js'
import {
  type ChunkedSource,
  chunksOf,
  epochOrder,
  positionAt,
  type Source,
  shuffled,
} from '../../../pipelines/stream/index.js'
import { seeded } from './support.js'

async function first<T>(source: Source<T>, count: number): Promise<T[]> {
  const out: T[] = []
  if (count === 0) return out
  for await (const value of source(new AbortController().signal)) {
    out.push(value)
    if (out.length === count) break
  }
  return out
}

const layouts = fc.record({
  count: fc.integer({ min: 1, max: 60 }),
  chunkSize: fc.integer({ min: 1, max: 9 }),
  bufferChunks: fc.integer({ min: 1, max: 5 }),
  seed: fc.nat(1000),
})

const numbered = (count: number, chunkSize: number) =>
  chunksOf(
    Array.from({ length: count }, (_, i) => i),
    chunkSize,
  )

t.test('law: an epoch holds every item once, each with its own index', async t => {
  await fc.assert(
    fc.asyncProperty(layouts, async ({ count, chunkSize, bufferChunks, seed }) => {
      const items = await first(shuffled(numbered(count, chunkSize), { key: makeKey(seed), bufferChunks }), count)
      const sorted = items.map(drawn => drawn.item).sort((a, b) => a - b)
      return (
        sorted.every((item, i) => item === i) &&
        items.every((drawn, i) => drawn.index === drawn.item && drawn.position === i)
      )
    }),
    seeded(t, 100),
  )
})

t.test('law: beginning at any position gives the tail of a run from the start', async t => {
  await fc.assert(
    fc.asyncProperty(layouts, fc.nat(130), async ({ count, chunkSize, bufferChunks, seed }, cut) => {
      const options = { key: makeKey(seed), bufferChunks }
      const whole = await first(shuffled(numbered(count, chunkSize), options), cut + 70)
      const tail = await first(shuffled(numbered(count, chunkSize), options, positionAt(cut, count)), 70)
      return JSON.stringify(whole.slice(cut)) === JSON.stringify(tail)
    }),
    seeded(t, 100),
  )
})

t.test('law: only the items of the split come, all of them', async t => {
  await fc.assert(
    fc.asyncProperty(layouts, async ({ count, chunkSize, bufferChunks, seed }) => {
      const indices = Int32Array.from({ length: count }, (_, i) => i).filter(i => i % 3 !== 1)
      const items = await first(
        shuffled(numbered(count, chunkSize), { key: makeKey(seed), bufferChunks, indices }, { epoch: 4, position: 0 }),
        indices.length,
      )
      return (
        items
          .map(drawn => drawn.index)
          .sort((a, b) => a - b)
          .join() === indices.join()
      )
    }),
    seeded(t, 60),
  )
})

t.test('the order depends on seed and epoch, and is the same when asked again', t => {
  const source = numbered(50, 4)
  const order = (seed: number, epoch: number) => epochOrder(source, { key: makeKey(seed) }, epoch).join()
  t.equal(order(1, 0), order(1, 0))
  t.not(order(1, 0), order(1, 1))
  t.not(order(1, 0), order(2, 0))
  t.end()
})

t.test('each item has a key of its own, by epoch and index alone', async t => {
  const whole = await first(shuffled(numbered(12, 3), { key: makeKey(5) }), 36)
  t.equal(new Set(whole.map(drawn => drawn.key.words.join())).size, 36)
  const other = await first(shuffled(numbered(12, 5), { key: makeKey(5), bufferChunks: 1 }), 12)
  for (const drawn of other) {
    const same = whole.find(w => w.epoch === drawn.epoch && w.index === drawn.index)
    t.same(same?.key.words, drawn.key.words, 'whatever the chunks')
  }
})

t.test('a chunk is read once an epoch, and at most bufferChunks of them before their items are given', async t => {
  let read = 0
  const source: ChunkedSource<number> = {
    count: 40,
    chunkSize: 4,
    readChunk: async chunk => {
      read++
      return Array.from({ length: 4 }, (_, i) => chunk * 4 + i)
    },
  }
  let given = 0
  for await (const _ of shuffled(
    source,
    { key: makeKey(1), bufferChunks: 3 },
    undefined,
    1,
  )(new AbortController().signal)) {
    given++
    t.ok(read * 4 - given < 12, `${read} chunks read, ${given} items given`)
  }
  t.equal(given, 40)
  t.equal(read, 10)
})

t.test('large items: fewer chunks are held, at least one', async t => {
  for (const [itemBytes, held] of [
    [2 ** 20, 8],
    [2 ** 24, 2],
    [2 ** 30, 1],
  ]) {
    let read = 0
    const source = { ...numbered(40, 4), itemBytes, readChunk: async (chunk: number) => [read++, chunk, chunk, chunk] }
    await shuffled(source, { key: makeKey(1) })(new AbortController().signal)
      [Symbol.asyncIterator]()
      .next()
    t.equal(read, held)
  }
})

t.test('an empty source ends at once; an aborted one says why', async t => {
  t.same(await first(shuffled(chunksOf([]), { key: makeKey(1) }), 3), [])
  const stopped = AbortSignal.abort(new Error('stop'))
  await t.rejects(
    shuffled(numbered(3, 1), { key: makeKey(1) })(stopped)
      [Symbol.asyncIterator]()
      .next(),
    /stop/,
  )
})
