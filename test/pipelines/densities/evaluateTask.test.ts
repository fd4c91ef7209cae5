import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { makeKey } from '../../../core/index.js'
import { drawPrior } from '../../../generative/prior/index.js'
import { judgeDraws } from '../../../pipelines/densities/taskCell.js'
import { readReference, taskNamed } from '../../../simulators/tasks/index.js'
import { evaluateDensities, evaluateOptions, saidBy } from './tiny.js'

interface Told {
  readonly metrics: Readonly<Record<string, { readonly value: number; readonly reference?: number }>>
  readonly simulations: number
  readonly method: string
  readonly steps: number
}

const settings = [
  'network.flow=nsf-coupling',
  'network.layers=3',
  'network.hidden=[32]',
  'train.batch=32',
  'train.epochs=40',
]

t.test('a method on a task: numbers of each observation and their mean, on the JSON and in the file', async t => {
  const out = join(t.testdir({}), 'told.json')
  const options = evaluateOptions({ task: 'two_moons', method: 'npe', simulations: 1000, n: 500, set: settings, out })
  const { said } = await saidBy<Told>(context => evaluateDensities(options, context))
  const { metrics, ...rest } = said
  t.match(rest, { task: 'two_moons', method: 'npe', simulations: 1000, dropped: 0 })
  t.notOk('passed' in said, 'the targets are those of 30,000 simulations')
  const { c2st, c2st_1: first, c2st_2: second } = metrics
  t.ok(Math.abs((first.value + second.value) / 2 - c2st.value) < 1e-12)
  t.equal(c2st.reference, 0.725, 'that of NPE in Lueckmann et al. 2021')
  // the prior is told from the reference every time, the reference itself half of the time
  for (const one of [first, second]) t.ok(one.value > 0.45 && one.value < 0.95, `${one.value}`)
  t.same(JSON.parse(readFileSync(out, 'utf8')), said)
})

t.test('C2ST of the reference itself is a half, of the prior one, however few draws there are', async t => {
  const reference = readReference('two_moons', 1)
  const { draws } = reference
  const own = await judgeDraws(reference, draws.slice(draws.length - 1000), 2, makeKey(1))
  t.ok(Math.abs(own.c2st - 0.5) < 0.08, `${own.c2st}`)
  t.ok(own.mmdP > 0.01, `${own.mmdP}`)
  const prior = drawPrior(taskNamed('two_moons').prior, 500, makeKey(2))
  const other = await judgeDraws(reference, prior, 2, makeKey(3))
  t.ok(other.c2st > 0.95 && other.mmdP < 0.01, `${other.c2st}, ${other.mmdP}`)
})

t.test('an observation without a reference is refused', async t => {
  const out = join(t.testdir({}), 'told.json')
  const options = evaluateOptions({ task: 'two_moons', index: 9, out })
  await t.rejects(
    saidBy(context => evaluateDensities(options, context)),
    /expected --index of 1, 2.*; got 9/,
  )
  t.notOk(existsSync(out))
})
