import t from 'tap'
import { DataError, Interrupted, UsageError, WorkError, workerPool } from '../../core/index.js'

const make = () => workerPool<string, string>(import.meta.url, 'failingWorker', 1, 200)

t.test(
  'law: an error of ours crosses the thread with its class, exit code and parts; others with their message',
  async t => {
    const pool = make()
    t.equal(await pool.run('this'), 'this done')
    for (const [task, kind, exitCode] of [
      ['data', DataError, 3],
      ['usage', UsageError, 2],
      ['work', WorkError, 1],
    ] as const) {
      const error = await pool.run(task).catch((thrown: unknown) => thrown)
      t.ok(error instanceof kind, task)
      t.match(error, {
        exitCode,
        expected: 'expected a',
        got: 'got b',
        action: 'do c',
        message: 'expected a; got b; do c',
      })
      t.match((error as Error).stack, /failingWorker/, 'the stack is that of the worker')
    }
    await t.rejects(pool.run('range'), { name: 'RangeError', message: 'beyond' })
    t.equal(await pool.run('more'), 'more done', 'a worker outlives the errors of its tasks')
    await pool.close()
  },
)

t.test('an aborted task rejects with the reason; a pool that is closed ends what waits', async t => {
  const pool = make()
  const control = new AbortController()
  const reason = new Interrupted('expected to finish', 'got SIGINT', 'resume with --resume')
  const waiting = pool.run('forever', control.signal)
  control.abort(reason)
  t.equal(await waiting.catch((thrown: unknown) => thrown), reason)
  await t.rejects(pool.run('this', control.signal), reason)
  const left = t.rejects(pool.run('forever'))
  await pool.close()
  await left
})
