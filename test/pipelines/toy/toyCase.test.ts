import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Interrupted, makeKey } from '../../../core/index.js'
import { readObjects, writeObjects } from '../../../io/objects/index.js'
import type { Case } from '../../../pipelines/case.js'
import { simulate } from '../../../pipelines/verbs/simulate.js'
import { train } from '../../../pipelines/verbs/train.js'
import { caseCommands } from '../../../scripts/caseCommands.js'
import { runLine } from '../../../scripts/runLine.js'
import { common, interruptedAfter } from '../common.js'
import { gravity, type Pendulum, pendulums, timedPendulum, timing, toy } from './toyCase.js'

// The one line by which a case is registered: all else follows from its declaration.
const commands = caseCommands(toy)

async function stipple(...words: readonly string[]) {
  const said = { stdout: '', stderr: '' }
  const into = (name: keyof typeof said) => ({ write: (text: string) => (said[name] += text) })
  const argv = ['pendulums', ...words, '--seed', '3', '--threads', '1', '--json']
  const streams = { stdout: into('stdout'), stderr: into('stderr') }
  const code = await runLine(argv, commands, { ...streams, signal: () => new AbortController().signal })
  return { code, ...said, result: code === 0 ? JSON.parse(said.stdout) : {} }
}

function verb<V extends 'simulate' | 'train'>(name: V): NonNullable<Case[V]> {
  const found = toy[name]
  if (!found) throw new Interrupted(`expected ${name}`, 'got none', 'declare it')
  return found
}

async function allOf(path: string): Promise<Pendulum[]> {
  const all: Pendulum[] = []
  for await (const one of readObjects(pendulums, [path])) all.push(one)
  return all
}

/** Mean and standard deviation of p(L | periods) under the uniform prior, by quadrature. */
function exactPosterior({ periods }: Pendulum): { readonly mean: number; readonly sd: number } {
  const lengths = Array.from({ length: 20_001 }, (_, i) => 0.2 + (1.8 * i) / 20_000)
  const logs = lengths.map(length => {
    const period = 2 * Math.PI * Math.sqrt(length / gravity)
    return periods.reduce((sum, t) => sum - ((t - period) / timing) ** 2 / 2, 0)
  })
  const most = Math.max(...logs)
  const weights = logs.map(log => Math.exp(log - most))
  const total = weights.reduce((a, b) => a + b)
  const mean = lengths.reduce((sum, length, i) => sum + length * weights[i], 0) / total
  return { mean, sd: Math.sqrt(lengths.reduce((sum, length, i) => sum + (length - mean) ** 2 * weights[i], 0) / total) }
}

t.test('a new case of one declaration has all five verbs', async t => {
  const folder = t.testdir()
  const at = (name: string) => join(folder, name)
  const [data, fresh, run] = [at('training.h5'), at('fresh.h5'), at('run')]

  await t.test('simulate, interrupted and resumed, makes the same file', async t => {
    const made = await stipple('simulate', '--n', '2000', '--out', data)
    t.match(made.result, { out: data, n: 2000, seconds_per_field: Number }, made.stderr)
    const out = at('resumed.h5')
    const options = { ...common, seed: 3, n: 2000, out }
    const context = interruptedAfter(900, makeKey(3))
    const science = await verb('simulate').load()
    await t.rejects(
      simulate('pendulums', () => science(options, context, []), options, context),
      Interrupted,
    )
    t.notOk(existsSync(out))
    t.equal((await stipple('simulate', '--n', '2000', '--out', out, '--resume')).code, 0)
    t.same(await allOf(out), await allOf(data))
  })

  await t.test('train, interrupted and resumed, ends in the same weights', async t => {
    const trained = await stipple('train', '--data', data, '--out', run)
    t.match(trained.result, { run, steps: Number, loss: Number, information: [Number, Number] }, trained.stderr)
    t.match(readFileSync(join(run, 'model-card.md'), 'utf8'), /# Model card: lengths of pendulums\n\nMade by stipple/)
    const out = at('resumed')
    const options = { ...common, seed: 3, data: [data], out }
    const context = interruptedAfter(130, makeKey(3))
    const science = await verb('train').load()
    await t.rejects(
      train('pendulums', () => science(options, context, []), options, context),
      Interrupted,
    )
    t.notOk(existsSync(join(out, 'model.safetensors')))
    t.equal((await stipple('train', '--data', data, '--out', out, '--resume')).code, 0)
    t.ok(readFileSync(join(out, 'model.safetensors')).equals(readFileSync(join(run, 'model.safetensors'))))
  })

  await t.test('infer: the exact posterior; a page; what is unlike the training is flagged', async t => {
    const observed = timedPendulum(1.1, 6, makeKey(11))
    const [usual, other] = [at('usual.h5'), at('other.h5')]
    await writeObjects(pendulums, usual, [observed], { seed: 0 })
    const [out, page] = [at('draws.h5'), at('draws.html')]
    const { result, stderr } = await stipple('infer', usual, '--run', run, '--n', '4000', '--out', out)
    const exact = exactPosterior(observed)
    const { mean, sd } = result.parameters.length
    t.ok(Math.abs(mean - exact.mean) < 0.3 * exact.sd, `mean ${mean}, exact ${exact.mean} ± ${exact.sd}; ${stderr}`)
    // A network of a few hundred steps is somewhat wider than it need be, and must not be narrower.
    t.ok(sd > 0.85 * exact.sd && sd < 1.5 * exact.sd, `sd ${sd}, exact ${exact.sd}`)
    t.match(result, { method: 'npe', n: 4000, out, page, unusual: { flagged: false }, warnings: [] })
    t.match(readFileSync(page, 'utf8'), 'How long is the pendulum?')
    await writeObjects(pendulums, other, [{ swings: 4, periods: Float32Array.of(1, 2, 3, 4) }], { seed: 0 })
    const flagged = await stipple('infer', other, '--run', run)
    t.match(flagged.result, { unusual: { flagged: true } })
    t.match(flagged.stderr, 'outside what the model was trained on')
  })

  await t.test('sample: swings of the length asked for', async t => {
    const out = at('sampled.arrow')
    const { result, stderr } = await stipple('sample', '--run', run, '--length', '0.5', '--n', '200', '--out', out)
    t.match(result, { out, n: 200 }, stderr)
    let [sum, count] = [0, 0]
    for (const { periods, theta } of await allOf(out)) {
      t.equal(theta?.length, 0.5)
      sum += periods.reduce((a, b) => a + b)
      count += periods.length
    }
    t.ok(Math.abs(sum / count - 2 * Math.PI * Math.sqrt(0.5 / gravity)) < 0.02, `mean period ${sum / count}`)
  })

  await t.test('evaluate: the posteriors hold what they should', async t => {
    t.equal((await stipple('simulate', '--n', '300', '--out', fresh, '--seed', '4')).code, 0)
    const report = at('report.html')
    const { result, stderr } = await stipple('evaluate', '--data', fresh, '--run', run, '--n', '200', '--out', report)
    t.match(result, { report, pendulums: 300, calibrated: true, passed: true, dropped: 0 }, stderr)
    t.ok(Math.abs(result.metrics.coverage_68_length.value - 0.68) < 0.08)
    t.match(readFileSync(report, 'utf8'), 'Are the lengths true?')
  })

  await t.test('what every command refuses, it refuses here', async t => {
    const taken = await stipple('simulate', '--n', '5', '--out', data)
    t.equal(taken.code, 2)
    t.match(taken.stderr, '--force')
    t.equal((await stipple('train', '--data', data, '--out', at('x'), '--set', 'train.stepz=3')).code, 2)
    t.match((await stipple('infer', at('absent.h5'), '--run', run)).stderr, 'expected pendulums at')
  })
})
