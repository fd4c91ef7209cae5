import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Interrupted, integers, makeKey, normal, uniform } from '../../../core/index.js'
import { createHdf5 } from '../../../io/index.js'
import type { Predictive } from '../../../pipelines/densities/predictive.js'
import { quietContext } from '../../../pipelines/run/context.js'
import { digestOf } from '../../scripts/badInput/refusal.js'
import { interruptedAfter } from '../common.js'
import { flakySimulator } from './flakySimulator.js'
import {
  evaluateDensities,
  evaluateOptions,
  inferDensities,
  inferOptions,
  noise,
  saidBy,
  type TrainResult,
  tinyRows,
  tinySettings,
  trainDensities,
  trainOptions,
  writePrior,
  writeTable,
} from './tiny.js'

t.setTimeout(240_000)

interface Inferred {
  readonly parameters: Readonly<Record<string, Readonly<Record<'mean' | 'sd' | 'q50', number>>>>
  readonly unusual: { readonly flagged: boolean }
  readonly warnings: readonly string[]
  readonly diagnostics: Readonly<Record<string, number>>
}

t.test(
  'two networks; rows that cannot be are dropped; in memory and from the disk, interrupted and resumed, the same bytes',
  async t => {
    const folder = t.testdir({})
    const rows: (number | string)[][] = tinyRows(200)
    rows[3][2] = 'nan'
    rows[7][3] = 'inf'
    rows[9][0] = 'nan'
    rows[11][1] = 5
    const data = [writeTable(join(folder, 'table.csv'), rows)]
    const prior = writePrior(folder)
    const set = [...tinySettings, 'train.members=2']
    const whole = join(folder, 'whole')
    const { said, warned } = await saidBy<TrainResult>(context =>
      trainDensities(trainOptions(data, whole, { prior, set }), context),
    )
    t.match(said, { method: 'npe', run: whole, dropped: { theta: 1, x: 2, outside: 1, all: 4 }, rows: { all: 200 } })
    t.equal(said.rows.training + said.rows.validation, 196)
    t.match(warned, [/1 with NaN or infinity in theta, 2 with NaN or infinity in x, 1 outside the prior/])
    for (const key of ['steps', 'loss', 'steps_per_second', 'data_wait_fraction', 'peak_rss_mb', 'run'])
      t.ok(key in said, key)
    t.match(readFileSync(join(whole, 'model-card.md'), 'utf8'), /of 200, 1 with NaN or infinity in theta/)

    const parts = trainOptions(data, join(folder, 'parts'), { prior, set })
    await t.rejects(trainDensities(parts, interruptedAfter(7)), Interrupted)
    await t.rejects(trainDensities(parts, quietContext(makeKey(1))), /holds a run; pass --resume/)
    const resumed = { ...parts, resume: true }
    const wider = writePrior(folder, { a: { uniform: [-1, 1] }, b: { uniform: [-1, 2] } })
    await t.rejects(
      trainDensities({ ...resumed, prior: wider }, quietContext(makeKey(1))),
      /expected prior.b.uniform = /,
    )
    writePrior(folder)
    await t.rejects(trainDensities(resumed, interruptedAfter(20)), Interrupted)
    await trainDensities(resumed, quietContext(makeKey(1)))
    const digest = digestOf(join(whole, 'model.safetensors'))
    t.equal(digestOf(join(folder, 'parts', 'model.safetensors')), digest, 'interrupted twice and resumed')

    const disk = trainOptions(data, join(folder, 'disk'), { prior, set: [...set, 'data.memory=0.0001'] })
    await t.rejects(trainDensities(disk, interruptedAfter(7)), Interrupted)
    t.notOk(existsSync(join(folder, 'disk', 'rows.scratch')), 'no scratch file is left behind')
    await trainDensities({ ...disk, resume: true }, quietContext(makeKey(1)))
    t.equal(digestOf(join(folder, 'disk', 'model.safetensors')), digest, 'through a scratch file, for it is one window')
  },
)

t.test(
  'what is learned is what is known: theta = x + noise; a table without a prior; an observation unlike all',
  async t => {
    const folder = t.testdir({})
    const data = [writeTable(join(folder, 'table.csv'), tinyRows(800))]
    const run = join(folder, 'run')
    const set = [...tinySettings, 'train.epochs=30', 'train.learningRate=5e-3', 'train.ema=0.9']
    const { warned } = await saidBy(context => trainDensities(trainOptions(data, run, { set }), context))
    t.match(warned, [/No --prior: taken to be uniform where the table's parameters lie, a -?[\d.]+ to [\d.]+/])
    const observed = writeTable(join(folder, 'o.csv'), [[-0.3, 0.2]], 'x_q,x_p')
    const out = join(folder, 'draws.h5')
    const found = await saidBy<Inferred>(context => inferDensities(inferOptions(run, observed, { out }), context))
    const { parameters, unusual, diagnostics } = found.said
    // A normal cut by the box half a unit away on one side: within what 800 simulations and 400 draws leave
    t.ok(
      Math.abs(parameters.a.mean - 0.2) < 0.12 && Math.abs(parameters.b.mean + 0.3) < 0.12,
      JSON.stringify(parameters),
    )
    t.ok(Math.abs(parameters.a.sd - noise) < 0.08, `sd ${parameters.a.sd}`)
    t.notOk(unusual.flagged)
    t.match(diagnostics, { ess: 400, acceptance: 1 })
    t.ok(existsSync(out) && existsSync(join(folder, 'draws.html')))
    await t.rejects(inferDensities(inferOptions(run, observed, { out }), quietContext(makeKey(1))), /which exists/)
    const far = writeTable(join(folder, 'far.csv'), [[9, -9]], 'x_p,x_q')
    const odd = await saidBy<Inferred>(context => inferDensities(inferOptions(run, far), context))
    t.ok(odd.said.unusual.flagged)
    t.match(odd.warned, [/outside what the model was trained on/])

    const judged = await saidBy<{ metrics: Record<string, { value: number }>; simulations: number; dropped: number }>(
      context => {
        const table = writeTable(join(folder, 'new.csv'), [...tinyRows(60, makeKey(8)), [0, 0, 'nan', 0]])
        return evaluateDensities(evaluateOptions({ run, data: [table], n: 100, out: folder }), context)
      },
    )
    t.match(judged.said, { simulations: 60, dropped: 1 })
    const { coverage_68_a: covered, rmse_b: rmse } = judged.said.metrics
    t.ok(covered.value > 0.45 && covered.value < 0.9, `68% intervals hold ${covered.value}`)
    t.ok(rmse.value < 1.5 * noise, `rms error ${rmse.value}`)
    t.ok(existsSync(join(folder, 'evaluation.html')))
  },
)

t.test('rounds by a program that fails now and then; killed, it simulates no row twice', async t => {
  const folder = t.testdir({})
  const command = flakySimulator(folder)
  // a beyond 1 makes it fail, in one way or another, but for hanging
  const prior = writePrior(folder, { a: { uniform: [-3, 1.5] }, b: { uniform: [-1, 1] } })
  const observation = writeTable(join(folder, 'o.csv'), [[0.1, -0.2]], 'x_sum,x_difference')
  const options = trainOptions([], join(folder, 'run'), { command, prior, observation, rounds: 2, simulations: 60 })
  await t.rejects(trainDensities(options, interruptedAfter(25)), Interrupted)
  const journal = join(folder, 'run', 'rounds', '0.jsonl')
  const before = readFileSync(journal, 'utf8')
  const { said } = await saidBy<TrainResult>(context => trainDensities({ ...options, resume: true }, context))
  t.ok(before.length > 100 && readFileSync(journal, 'utf8').startsWith(before), 'what was done stands')
  t.equal(said.rows.all, 120)
  const failed = said.failures?.exited ?? 0
  t.ok(failed > 2, `${failed} exited`)
  t.equal(said.rows.training + said.rows.validation, 120 - failed)
  t.match(readFileSync(join(folder, 'run', 'model-card.md'), 'utf8'), /runs failed: \d+ exited/)

  const infer = inferOptions(join(folder, 'run'), observation, { command })
  const inferred = await saidBy<Inferred & { predictive: Predictive }>(context => inferDensities(infer, context))
  const { predictive } = inferred.said
  t.equal(predictive.simulated + predictive.failed, 200)
  t.same(
    predictive.columns.map(({ name, observed }) => [name, observed]),
    [
      ['sum', 0.1],
      ['difference', -0.2],
    ],
  )
})

t.test('sets of points of any number, in HDF5: their mean tells theta', async t => {
  const folder = t.testdir({})
  const data = [await writeSets(join(folder, 'sets.h5'), 300)]
  const prior = writePrior(folder, { mean: { uniform: [-2, 2] } })
  const run = join(folder, 'run')
  for (const kind of ['deep-sets', 'message-passing']) {
    const embedding = [
      `embedding.kind=${kind}`,
      'embedding.width=8',
      'embedding.layers=1',
      'embedding.outputs=4',
      'embedding.neighbours=3',
    ]
    const steps =
      kind === 'deep-sets' ? ['train.epochs=25', 'train.learningRate=1e-2', 'train.ema=0.9'] : ['train.epochs=1']
    const set = [...tinySettings, ...embedding, ...steps]
    await trainDensities(trainOptions(data, run, { prior, set, force: true }), quietContext(makeKey(1)))
    const points = Array.from({ length: 9 }, (_, i) => [1 + 0.5 * Math.cos(i), 0.5 * Math.sin(i)])
    const observed = writeTable(join(folder, 'o.csv'), points, 'u,v')
    const { said } = await saidBy<Inferred>(context => inferDensities(inferOptions(run, observed), context))
    if (kind === 'deep-sets') t.ok(Math.abs(said.parameters.mean.mean - 1) < 0.4, `mean ${said.parameters.mean.mean}`)
    t.ok(Number.isFinite(said.parameters.mean.sd), kind)
  }
  const nle = trainOptions(data, join(folder, 'nle'), { prior, method: 'nle' })
  await t.rejects(
    trainDensities(nle, quietContext(makeKey(1))),
    /expected one of the methods npe, nre, fmpe, npse; got nle, which learns the density of the observation/,
  )
})

/** Sets of 4 to 12 points about (mean, 0). */
async function writeSets(path: string, n: number): Promise<string> {
  const key = makeKey(4)
  const means = uniform(key.split('mean'), n).map(u => 4 * u - 2)
  const counts = integers(key.split('counts'), n, 9).map(i => i + 4)
  const offsets = new BigInt64Array(n + 1)
  counts.forEach((count, i) => {
    offsets[i + 1] = offsets[i] + BigInt(count)
  })
  const x = normal(key.split('x'), 2 * Number(offsets[n]))
  counts.forEach((count, i) => {
    for (let j = 0; j < count; j++) x[2 * (Number(offsets[i]) + j)] += means[i]
  })
  const writer = await createHdf5(path)
  writer.write('theta', means, { units: '', shape: [n, 1], attributes: { names: ['mean'] } })
  writer.write('x', x, { units: '', shape: [x.length / 2, 2] })
  writer.write('offsets', offsets, { units: '' })
  writer.close()
  return path
}
