import t from 'tap'
import { DataError, makeKey, periodicBox, uniform } from '../../../core/index.js'
import { graphPool, knn, radiusGraph } from '../../../gnn/graph/index.js'

const box = periodicBox(1)

t.test('the threads answer as this one does, in the order of the clouds', async t => {
  const pool = graphPool({ threads: 2 })
  t.teardown(() => pool.close())
  const batch = uniform(makeKey(1), [5, 400, 3])
  const clouds = [0, 1, 2, 3, 4].map(i => batch.subarray(i * 1200, (i + 1) * 1200))
  t.same(
    await pool.knn(clouds, box, 6),
    clouds.map(positions => knn(positions, box, 6)),
  )
  t.same(
    await pool.radius(clouds, box, 0.1),
    clouds.map(positions => radiusGraph(positions, box, 0.1)),
  )
  t.same(await pool.knn([], box, 6), [])
  t.equal(batch.length, 6000, 'the batch stays with its owner')
})

t.test('the event loop ticks while 100,000 points are searched', async t => {
  const pool = graphPool({ threads: 1 })
  t.teardown(() => pool.close())
  await pool.knn([uniform(makeKey(2), [10, 3])], box, 1)
  let ticks = 0
  let isSearching = true
  const tick = () => {
    ticks++
    if (isSearching) setTimeout(tick, 1)
  }
  const search = pool.knn([uniform(makeKey(3), [100000, 3])], box, 20)
  setTimeout(tick, 1)
  const [graph] = await search
  isSearching = false
  t.equal(graph.senders.length, 2000000)
  t.ok(ticks > 1, `${ticks} ticks`)
})

t.test('a signal stops a search, and the pool goes on', async t => {
  const pool = graphPool({ threads: 1 })
  t.teardown(() => pool.close())
  const stop = new AbortController()
  const reason = new Error('enough')
  const positions = uniform(makeKey(4), [50000, 3])
  const search = pool.knn([positions, positions], box, 20, { signal: stop.signal })
  stop.abort(reason)
  await t.rejects(search, reason)
  await t.rejects(pool.knn([positions], box, 1, { signal: stop.signal }), reason)
  t.equal((await pool.knn([positions.slice(0, 30)], box, 2))[0].points, 10)
})

t.test('bad input is refused with the errors of the search itself', async t => {
  const pool = graphPool({ threads: 1 })
  t.teardown(() => pool.close())
  await t.rejects(pool.knn([Float32Array.of(0, 0, 0)], box, 1), DataError)
  await t.rejects(pool.radius([Float32Array.of(0, Number.NaN, 0)], box, 1), DataError)
})
