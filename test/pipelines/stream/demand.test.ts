import fc from 'fast-check'
import { firstValueFrom, lastValueFrom, map, take, toArray } from 'rxjs'
import t from 'tap'
import { consume, demand, mapHeld, type Source } from '../../../pipelines/stream/index.js'
import { seeded, ticks } from './support.js'

/** Counts what has been asked of it and what of that has not been given back. */
function countingSource(count: number, delay = 0) {
  const state = { asked: 0, alive: 0, most: 0, closed: 0, aborted: false }
  const source: Source<number> = async function* (signal) {
    signal.addEventListener('abort', () => {
      state.aborted = true
    })
    try {
      for (let i = 0; i < count; i++) {
        state.asked++
        state.alive++
        state.most = Math.max(state.most, state.alive)
        await ticks(delay)
        yield i
      }
    } finally {
      state.closed++
    }
  }
  return { state, source }
}

t.test('law: never more than prefetch values are alive, all arrive, in order', async t => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(40),
      fc.integer({ min: 1, max: 6 }),
      fc.nat(3),
      fc.nat(3),
      async (count, prefetch, delay, work) => {
        const { state, source } = countingSource(count, delay)
        const got = await lastValueFrom(
          demand(source, prefetch).pipe(
            map(held => mapHeld(held, value => value * 2)),
            consume(async value => {
              await ticks(work)
              state.alive--
              return value
            }),
            toArray(),
          ),
        )
        return (
          state.most <= prefetch &&
          state.closed === 1 &&
          got.join() === Array.from({ length: count }, (_, i) => 2 * i).join()
        )
      },
    ),
    seeded(t, 60),
  )
})

t.test('ten thousand batches through a slow consumer: the number alive stays at prefetch', async t => {
  const { state, source } = countingSource(10_000)
  await lastValueFrom(
    demand(source, 4).pipe(
      consume(async () => {
        await ticks(2)
        state.alive--
      }),
    ),
  )
  t.equal(state.asked, 10_000)
  t.equal(state.most, 4)
})

t.test('a consumer that never releases stops the source', async t => {
  const { state, source } = countingSource(100)
  const subscription = demand(source, 3).subscribe()
  await ticks(50)
  t.equal(state.asked, 3)
  subscription.unsubscribe()
})

t.test('unsubscribing closes the source and aborts its signal', async t => {
  const { state, source } = countingSource(1000)
  await lastValueFrom(
    demand(source, 2).pipe(
      consume(value => value),
      take(5),
    ),
  )
  await ticks(5)
  t.equal(state.closed, 1)
  t.ok(state.aborted)
  t.ok(state.asked <= 7, `${state.asked} asked for`)
})

t.test('a source that hangs in a read is told by its signal', async t => {
  let told = false
  const source: Source<number> = async function* (signal) {
    await new Promise(resolve => signal.addEventListener('abort', resolve))
    told = true
    yield 1
  }
  demand(source, 1).subscribe().unsubscribe()
  await ticks(5)
  t.ok(told)
})

t.test('an abort signal is an error with its reason, and closes the source', async t => {
  const { state, source } = countingSource(1000)
  const controller = new AbortController()
  const reason = new Error('enough')
  const running = lastValueFrom(
    demand(source, 2, controller.signal).pipe(
      consume(async value => {
        if (value === 10) controller.abort(reason)
        await ticks(1)
      }),
    ),
  )
  await t.rejects(running, reason)
  await ticks(5)
  t.equal(state.closed, 1)
  await t.rejects(firstValueFrom(demand(source, 1, controller.signal)), reason, 'also when it was aborted before')
})

t.test('errors arrive: of the source, and of the work, which closes the source', async t => {
  const failing: Source<number> = async function* () {
    yield 1
    throw new Error('bad chunk')
  }
  await t.rejects(lastValueFrom(demand(failing, 2).pipe(consume(value => value))), /bad chunk/)

  const { state, source } = countingSource(100)
  const work = lastValueFrom(
    demand(source, 2).pipe(
      consume(() => {
        throw new Error('bad step')
      }),
    ),
  )
  await t.rejects(work, /bad step/)
  await ticks(5)
  t.equal(state.closed, 1)
})

t.test('prefetch below one is refused', t => {
  t.throws(() => demand(countingSource(1).source, 0), /at least 1/)
  t.end()
})
