import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Interrupted, makeKey } from '../../../core/index.js'
import { commandSimulator } from '../../../pipelines/densities/simulator/commandSimulator.js'
import { functionSimulator } from '../../../pipelines/densities/simulator/functionSimulator.js'
import { failuresText, simulateRows } from '../../../pipelines/densities/simulator/simulateRows.js'
import { readAnswer, type Simulator } from '../../../pipelines/densities/simulator/simulator.js'
import { quietContext } from '../../../pipelines/run/context.js'
import { deeds, flakySimulator } from './flakySimulator.js'

t.setTimeout(120_000)

const context = quietContext(makeKey(1))
const options = (journal: string) => ({ names: ['a', 'b'], journal, giveUp: 100, context, label: 'simulating' })
/** Rows (a, b): good ones with a deed among them. */
const rowsOf = (...a: number[]) => Float64Array.from(a.flatMap((value, i) => [value, i]))

t.test('a simulator that fails in every way: counted by kind, and every good row is there', async t => {
  const journal = join(t.testdir({}), 'rounds', '0.jsonl')
  const a = [
    0.5,
    deeds.exits,
    0.25,
    deeds.babbles,
    0.125,
    deeds.isNaN,
    0.75,
    deeds.refuses,
    0,
    deeds.isShort,
    deeds.hangs,
    0.375,
  ]
  const simulator = commandSimulator(flakySimulator(t.testdirName), { timeout: 6, atOnce: 2 })
  const made = await simulateRows(simulator, rowsOf(...a), options(journal))
  await simulator.close()
  t.same(made.failures, { failed: 1, exited: 1, timeout: 1, rubbish: 2, not_finite: 1 })
  t.equal(failuresText(made.failures), '1 failed, 1 exited, 1 timeout, 2 rubbish, 1 not_finite')
  const good = a.flatMap((value, i) => (value < 1 ? [[value, i]] : []))
  t.equal(made.rows, good.length)
  t.same(Array.from(made.theta), good.flat(), 'in the order of theta')
  t.same(
    Array.from(made.x),
    good.flatMap(([value, i]) => [value + i, value - i]),
  )
  t.match(readFileSync(journal, 'utf8'), /exited with 3: I am up/, 'its last words are kept')
})

t.test('what is on disk is not simulated again, a torn line is', async t => {
  const journal = join(t.testdir({}), '0.jsonl')
  writeFileSync(journal, '[0,{"x":[7,7]}]\n[2,{"failed":"timeout","told":""}]\n[1,{"x":[8,')
  const asked: number[] = []
  const simulator = functionSimulator(({ a }) => {
    asked.push(a)
    return [a, a]
  })
  const made = await simulateRows(simulator, rowsOf(10, 11, 12, 13), options(journal))
  t.same(asked, [11, 13])
  t.same(Array.from(made.x), [7, 7, 11, 11, 13, 13])
  t.equal(made.failures.timeout, 1)
  const again = await simulateRows(simulator, rowsOf(10, 11, 12, 13), options(journal))
  t.same(asked, [11, 13], 'all is there')
  t.same(again, made)
  appendFileSync(journal, 'rubbish\n')
  t.same(await simulateRows(simulator, rowsOf(10, 11, 12, 13), options(journal)), made)
})

t.test('a simulator that never answers is given up, with its own words', async t => {
  const journal = join(t.testdir({}), '0.jsonl')
  const simulator = commandSimulator('echo cannot open shared object >&2; exit 127', { timeout: 20, atOnce: 1 })
  await t.rejects(simulateRows(simulator, rowsOf(0, 0, 0, 0, 0), { ...options(journal), giveUp: 3 }), {
    exitCode: 1,
    message:
      /answer now and then; got 3 failures in a row, the last: exited, exited with 127: cannot open shared object; mend/,
  })
  await simulator.close()
})

t.test('a program of one answer a process, and one without a line end', async t => {
  const journal = join(t.testdir({}), '0.jsonl')
  const simulator = commandSimulator('read line; printf "[1, 2, 3]"', { timeout: 20, atOnce: 2 })
  const made = await simulateRows(simulator, rowsOf(0, 0, 0, 0), options(journal))
  await simulator.close()
  t.same([made.rows, made.width], [4, 3])
})

t.test('an interruption does not wait for a simulation that hangs, and what it cuts off has not failed', async t => {
  const journal = join(t.testdir({}), '0.jsonl')
  const controller = new AbortController()
  const simulator = commandSimulator('sleep 1000', { timeout: 1000, atOnce: 1 })
  const interrupted = new Interrupted('expected to finish', 'got a signal', 'go on with --resume')
  setTimeout(() => controller.abort(interrupted), 300)
  const own = quietContext(makeKey(1), { signal: controller.signal })
  await t.rejects(simulateRows(simulator, rowsOf(0, 0), { ...options(journal), context: own }), Interrupted)
  t.equal(readFileSync(journal, 'utf8').trim(), '')
})

t.test('a function: what it throws, what hangs, what is no row', async t => {
  const journal = join(t.testdir({}), '0.jsonl')
  const simulator: Simulator = functionSimulator(
    ({ a }) => {
      if (a === 1) throw new Error('did not\nconverge')
      if (a === 2) return new Promise<number[]>(() => {})
      if (a === 3) return 'text' as unknown as number[]
      if (a === 4) return [Number.NaN]
      return Float64Array.of(a)
    },
    { timeout: 0.2, atOnce: 4 },
  )
  const made = await simulateRows(simulator, rowsOf(1, 2, 3, 4, 5), options(journal))
  t.same(made.failures, { failed: 1, exited: 0, timeout: 1, rubbish: 1, not_finite: 1 })
  t.same(Array.from(made.x), [5])
})

t.test('answers as programs write them', async t => {
  const same = (line: string, wanted: unknown) => t.match(readAnswer(line), wanted as object, line)
  same('[1, 2.5e3]', { x: [1, 2500] })
  same('{"x": [1], "seconds": 3}', { x: [1] })
  same('{"x": 4}', { x: [4] })
  same('7', { x: [7] })
  same('[1, null]', { failed: 'not_finite' })
  same('[NaN, -Infinity, 1]', { failed: 'not_finite' })
  same('[]', { failed: 'rubbish' })
  same('[[1, 2]]', { failed: 'rubbish' })
  same('{"y": [1]}', { failed: 'rubbish' })
  same('["1"]', { failed: 'rubbish' })
  same('', { failed: 'rubbish' })
  same('{"error": "nan in [1]"}', { failed: 'failed', told: 'nan in [1]' })
})
