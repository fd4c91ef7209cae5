import t from 'tap'
import { prefetchOverlap, type Source } from '../../../pipelines/stream/index.js'
import { ticks } from './support.js'

/** A clock that goes forward when it is told to. */
function handClock() {
  let time = 0
  return {
    now: () => time,
    advance(ms: number) {
      time += ms
    },
  }
}

function numbers(count: number, before: (i: number) => Promise<void> | void): Source<number> {
  return async function* () {
    for (let i = 0; i < count; i++) {
      await before(i)
      yield i
    }
  }
}

t.test('the source works ahead, never beyond prefetch, the value at the consumer included', async t => {
  let made = 0
  const overlapped = prefetchOverlap(
    numbers(20, () => void made++),
    { prefetch: 3 },
  )
  let seen = 0
  for await (const value of overlapped) {
    t.equal(value, seen++)
    await ticks(20)
    t.equal(made, Math.min(20, seen + 2))
  }
  t.equal(seen, 20)
})

t.test('the share of time waited is measured: all of it, none, and half', async t => {
  const run = async (make: number, work: number, prefetch: number) => {
    const clock = handClock()
    const overlapped = prefetchOverlap(
      numbers(10, () => clock.advance(make)),
      { prefetch, now: clock.now },
    )
    for await (const _ of overlapped) clock.advance(work)
    return overlapped.dataWaitFraction()
  }
  t.equal(await run(5, 0, 1), 1)
  t.equal(await run(0, 5, 1), 0)
  t.equal(await run(5, 5, 1), 0.5)
})

t.test('leaving the loop closes the source; its error reaches the loop after the values before it', async t => {
  let closed = false
  const source: Source<number> = async function* () {
    try {
      while (true) yield 1
    } finally {
      closed = true
    }
  }
  for await (const _ of prefetchOverlap(source, { prefetch: 2 })) break
  await ticks(5)
  t.ok(closed)

  const failing = numbers(5, i => {
    if (i === 3) throw new Error('bad chunk')
  })
  const seen: number[] = []
  await t.rejects(async () => {
    for await (const value of prefetchOverlap(failing, { prefetch: 8 })) seen.push(value)
  }, /bad chunk/)
  t.same(seen, [0, 1, 2])
})

t.test('an abort ends the wait with its reason', async t => {
  const controller = new AbortController()
  const source: Source<number> = async function* () {
    await new Promise(() => {})
    yield 1
  }
  const waiting = (async () => {
    for await (const _ of prefetchOverlap(source, { prefetch: 1, signal: controller.signal })) t.fail('no value comes')
  })()
  const rejected = t.rejects(waiting, /stop now/)
  controller.abort(new Error('stop now'))
  await rejected
})
