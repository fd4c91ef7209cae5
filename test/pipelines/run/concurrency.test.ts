import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import t from 'tap'
import { inParallel } from '../../../pipelines/run/concurrency.js'

t.test('every task is done once, and no more than said are under way', () =>
  fc.assert(
    fc.asyncProperty(fc.nat(20), fc.integer({ min: 1, max: 5 }), async (count, atOnce) => {
      const done: number[] = []
      let [underWay, most] = [0, 0]
      await inParallel(Array(count).keys(), atOnce, async task => {
        most = Math.max(most, ++underWay)
        for (let wait = 0; wait <= (7 * task) % 3; wait++) await turn()
        underWay--
        done.push(task)
      })
      return done.sort((a, b) => a - b).join() === [...Array(count).keys()].join() && most === Math.min(count, atOnce)
    }),
    { seed: 4, numRuns: 30 },
  ),
)

t.test('after a failure no task is begun', async t => {
  const begun: number[] = []
  const work = async (task: number) => {
    begun.push(task)
    await turn()
    if (task === 3) throw new RangeError('the disk is full')
    await turn()
  }
  await t.rejects(inParallel(Array(50).keys(), 2, work), RangeError)
  const { length } = begun
  await turn()
  await turn()
  t.ok(length < 7 && begun.length === length, `${begun}`)
})
