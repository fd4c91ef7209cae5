import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { makeKey } from '../../../core/index.js'
import { openHdf5, readNumbers } from '../../../io/hdf5/index.js'
import { openSimulationTables } from '../../../pipelines/densities/simulationTables.js'
import { quietContext } from '../../../pipelines/run/context.js'
import { taskNamed } from '../../../simulators/tasks/index.js'
import { common } from '../common.js'
import { simulateDensities } from './tiny.js'

const folder = t.testdir()
const options = { ...common, seed: 5, task: 'slcp', n: 2300 }
const key = makeKey(5)

t.test('the file holds the prior and the simulator of the task, whatever the threads', async t => {
  const results: Record<string, unknown>[] = []
  const context = quietContext(key, { json: result => results.push(result) })
  const [one, two] = ['one.h5', 'two.h5'].map(name => join(folder, name))
  await simulateDensities({ ...options, out: one }, context)
  await simulateDensities({ ...options, out: two, threads: 2 }, context)
  const read = async (path: string) => {
    const file = await openHdf5(path)
    try {
      const [theta, x] = [await readNumbers(file, 'theta'), await readNumbers(file, 'x')]
      return { theta: Float64Array.from(theta as Float32Array), x: Float64Array.from(x as Float32Array) }
    } finally {
      file.close()
    }
  }
  const [first, second] = [await read(one), await read(two)]
  t.ok(
    first.theta.every((value, at) => value === second.theta[at]) &&
      first.x.every((value, at) => value === second.x[at]),
  )
  t.same([first.theta.length, first.x.length], [2300 * 5, 2300 * 8])
  const task = taskNamed('slcp')
  // theta of a block of 1000 is drawn of its own key: rows differ from block to block, and from task to task of another
  // seed
  t.notSame(first.theta.slice(0, 5), first.theta.slice(5000, 5005))
  const likelihoods = Array.from({ length: 200 }, (_, i) => {
    const [log] = task.logLikelihood?.(first.theta.slice(5 * i, 5 * i + 5), first.x.slice(8 * i, 8 * i + 8)) ?? []
    const [other] =
      task.logLikelihood?.(first.theta.slice(5 * i + 5, 5 * i + 10), first.x.slice(8 * i, 8 * i + 8)) ?? []
    return [log, other]
  })
  t.ok(likelihoods.filter(([own, other]) => own > other).length > 180, 'x goes with the theta of its own row')
  t.match(results[0], { out: one, n: 2300, task: 'slcp', failed: 0 })
  t.ok(Number(results[0].simulations_per_second) > 0)
})

t.test('it is a table to train on, with its prior', async t => {
  for (const name of ['sir.h5', 'sir.arrow']) {
    const out = join(folder, name)
    await simulateDensities({ ...options, task: 'sir', n: 20, out }, quietContext(key))
    const tables = await openSimulationTables([out])
    t.same([tables.rows, tables.names, tables.x.kind], [20, ['beta', 'gamma'], 'vector'], name)
    t.same(Object.keys(tables.prior as object), ['beta', 'gamma'], name)
    tables.close()
  }
})

t.test('wrong usage', async t => {
  const run = (changes: object) =>
    simulateDensities({ ...options, out: join(folder, 'no.h5'), ...changes }, quietContext(key))
  await t.rejects(run({ task: 'two_moon' }), { message: /one of two_moons.*did you mean two_moons\?/, exitCode: 2 })
  await t.rejects(run({ task: '' }), { message: /got none; name one/, exitCode: 2 })
  await t.rejects(run({ out: join(folder, 'no.csv') }), { message: /--out to end in \.h5/, exitCode: 2 })
  const stopped = new AbortController()
  stopped.abort(new Error('stopped'))
  const context = quietContext(key, { signal: stopped.signal })
  await t.rejects(simulateDensities({ ...options, out: join(folder, 'no.h5') }, context), { message: 'stopped' })
  t.notOk(existsSync(join(folder, 'no.h5')), 'nothing is left behind')
})
