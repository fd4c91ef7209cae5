import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Interrupted, makeKey } from '../../../core/index.js'
import type { Dwarf } from '../../../io/dwarfs/dwarf.js'
import { readSafetensors } from '../../../io/index.js'
import { loadDwarfsModel } from '../../../pipelines/dwarfs/model.js'
import { quietContext } from '../../../pipelines/run/context.js'
import { digestOf } from '../../scripts/badInput/refusal.js'
import { interruptedAfter } from '../common.js'
import { drawnDwarfs, tinyRun, tinySettings, trainDwarfs, trainOptions, writeGalaxies } from './tiny.js'

// some ten seconds alone, more beside others
t.setTimeout(240_000)

t.test('two networks; interrupted twice and resumed they end in the same bytes', async t => {
  const folder = t.testdir({})
  const members = ['train.members=2']
  const { run, data, result } = await tinyRun(folder, members)
  const parts = join(folder, 'parts')
  const options = trainOptions(data, parts, { set: [...tinySettings, ...members] })
  await t.rejects(trainDwarfs(options, interruptedAfter(11)), Interrupted)
  t.notOk(existsSync(join(parts, 'model.safetensors')))
  await t.rejects(trainDwarfs(options, quietContext(makeKey(1))), /holds a run; pass --resume/)
  const resumed = { ...options, resume: true }
  await t.rejects(trainDwarfs(resumed, interruptedAfter(18)), Interrupted)
  t.same(readdirSync(join(parts, 'members')).sort(), ['0', '1'], 'the second time in the second network')
  await trainDwarfs(resumed, quietContext(makeKey(1)))
  t.equal(digestOf(join(parts, 'model.safetensors')), digestOf(join(run, 'model.safetensors')))
  t.ok(existsSync(join(run, 'model-card.md')))

  const keys = ['steps', 'loss', 'steps_per_second', 'data_wait_fraction', 'peak_rss_mb', 'run']
  for (const key of keys) t.ok(key in result, `${key} in the JSON`)
  t.match(result, { steps: 48, run, galaxies: { training: 80, validation: 20 }, stars: [10, 20] })
  t.equal(result.information.length, 2)
  t.ok(result.information.every(Number.isFinite) && Number.isFinite(result.loss))
  const { tensors } = readSafetensors(join(run, 'model.safetensors'))
  t.notSame(tensors['members.0'].values.slice(0, 20), tensors['members.1'].values.slice(0, 20))
  t.equal((await loadDwarfsModel(run)).members.length, 2)
})

t.test('training ends where nothing improves', async t => {
  // With a step this small the average over steps stays where it was, and rounding decides.
  const { result } = await tinyRun(t.testdir({}), ['train.learningRate=1e-30', 'train.patience=1', 'train.steps=200'])
  t.ok(result.steps === 16 || result.steps === 24, `${result.steps} steps of 200`)
})

t.test('input that cannot be used is refused, and --out is as it was', async t => {
  const folder = t.testdir({})
  const dwarfs = drawnDwarfs('refused', 12)
  const write = (name: string, galaxies: readonly Dwarf[], prior?: string) =>
    writeGalaxies(join(folder, name), galaxies, prior)
  const spoilt = (change: Partial<Dwarf>) => dwarfs.map((dwarf, i) => (i === 7 ? { ...dwarf, ...change } : dwarf))
  const { gamma, ...rest } = dwarfs[0].theta
  const cases: readonly [string, readonly Dwarf[], string | undefined, RegExp][] = [
    ['no-theta', dwarfs.map(dwarf => ({ ...dwarf, theta: {} })), undefined, /expected theta with gamma,.*; got none;/],
    ['no-gamma', dwarfs.map(dwarf => ({ ...dwarf, theta: rest })), undefined, /expected theta with .*; got log10_r_s/],
    ['one', dwarfs.slice(0, 1), undefined, /expected at least 2 galaxies; got 1/],
    ['prior-text', dwarfs, 'nonsense', /expected the prior of .* to hold gamma.*; got "nonsense"/],
    ['prior-part', dwarfs, '{"gamma":[0,1]}', /expected the prior of .* to hold/],
    [
      'nan',
      spoilt({ velocities: dwarfs[7].velocities.map(() => Number.NaN) }),
      undefined,
      /finite velocities .* galaxy 7/,
    ],
    [
      'still',
      spoilt({ velocities: dwarfs[7].velocities.map(() => 3) }),
      undefined,
      /velocities that differ .* galaxy 7/,
    ],
    ['negative', spoilt({ velocityErrors: dwarfs[7].velocityErrors.map(() => -1) }), undefined, /errors .* galaxy 7/],
    ['theta-nan', spoilt({ theta: { ...rest, gamma: gamma * Number.NaN } }), undefined, /finite gamma .* galaxy 7/],
  ]
  for (const [name, galaxies, prior, says] of cases) {
    const data = await write(`${name}.h5`, galaxies, prior)
    const out = join(folder, 'deep', name)
    await t.rejects(
      trainDwarfs(trainOptions(data, out), quietContext(makeKey(1))),
      { exitCode: 3, message: says },
      name,
    )
    t.notOk(existsSync(join(folder, 'deep')), `${name} leaves nothing`)
  }
  const data = await write('good.h5', dwarfs)
  const gpu = trainOptions(data, join(folder, 'deep'), { device: 'webgpu' })
  await t.rejects(trainDwarfs(gpu, quietContext(makeKey(1))), { exitCode: 2, message: /--device cpu/ })
  t.notOk(existsSync(join(folder, 'deep')))
})

t.test('a network learns what stars tell: the scale of the stars from their places', async t => {
  const dwarfs = drawnDwarfs('learning', 300, 24)
  const learning = [
    'train.steps=90',
    'train.batch=64',
    'train.learningRate=1e-2',
    'train.ema=0.97',
    'train.validateEvery=30',
  ]
  const width = ['embedding.width=16', 'flow.width=16', 'flow.layers=3', 'train.checkpointEvery=90', 'augment.thin=0']
  const { run, result } = await tinyRun(t.testdir({}), [...learning, ...width], dwarfs)
  t.ok(result.information[0] > 0.8, `${result.information} nats beyond the prior`)
  const fresh = drawnDwarfs('fresh', 40, 24)
  const { method, members } = await loadDwarfsModel(run)
  const posterior = method.posterior(members, { threads: 1 })
  const keys = fresh.map((_, i) => makeKey(2).split(i))
  const draws = await posterior.drawMany(fresh, 200, keys)
  await posterior.close()
  const truth = fresh.map(dwarf => dwarf.theta.log10_r_star)
  const means = draws.map(
    ({ theta }) => Array.from({ length: 200 }, (_, i) => theta[6 * i + 3]).reduce((a, b) => a + b) / 200,
  )
  t.ok(correlation(truth, means) > 0.8, `correlation ${correlation(truth, means)}`)
})

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((x, y) => x + y) / values.length
  const product = (p: readonly number[], q: readonly number[]) =>
    p.reduce((sum, x, i) => sum + (x - mean(p)) * (q[i] - mean(q)), 0)
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b))
}
