import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { makeKey, periodicBox, uniform } from '../../../core/index.js'
import { loadGalaxiesModel } from '../../../pipelines/galaxies/model.js'
import { quietContext } from '../../../pipelines/run/index.js'
import { runOrShipped, shippedRun } from '../../../pipelines/run/shipped.js'
import { trainGalaxies, trainOptions, writeFields } from './tiny.js'

const shipped = shippedRun('galaxies')

t.test('a run that is named is used', async t => {
  t.equal(runOrShipped('galaxies', 'r'), 'r')
})

t.test(
  'none named and none shipped: said with what to do',
  { skip: shipped ? 'this version ships a model' : false },
  async t => {
    t.throws(() => runOrShipped('galaxies', undefined), {
      name: 'UsageError',
      message: /expected --run, .*; got none; train one: /,
    })
  },
)

t.test(
  'the shipped model is whole, small, and says where it holds',
  { skip: shipped ? false : 'none ships yet' },
  async t => {
    const run = runOrShipped('galaxies', undefined)
    const model = await loadGalaxiesModel(run)
    t.match(model, { box: 1000, points: 5000 })
    t.ok(model.marks, 'masses and velocities')
    t.same(Object.keys(model.normalisation.theta).sort(), ['h', 'n_s', 'omega_b', 'omega_m', 'sigma_8'])
    t.match(readFileSync(join(run, 'model-card.md'), 'utf8'), /omega_m/)
    const { files } = JSON.parse(readFileSync(join(run, '../../../package.json'), 'utf8')) as { files: string[] }
    t.ok(files.includes('data') || files.includes('data/models'), 'it is in the package')
  },
)

t.test('a shipped folder has no identity of a run: it loads without run.json, and then only with the rest', async t => {
  const here = t.testdir({})
  const data = join(here, 'fields.h5')
  const fields = Array.from({ length: 4 }, (_, i) => ({
    points: 60,
    positions: uniform(makeKey(i), 180).map(u => 199 * u),
    box: periodicBox(200),
    theta: { omega_m: 0.2 + 0.1 * i },
  }))
  await writeFields(data, fields, { seed: 0 })
  const run = join(here, 'run')
  await trainGalaxies(trainOptions([data], run, ['pairs.levels=4']), quietContext(makeKey(0)))
  const model = await loadGalaxiesModel(run)
  const copy = join(here, 'copy')
  cpSync(run, copy, { recursive: true })
  for (const name of ['run.json', 'environment.json', 'metrics.jsonl', 'checkpoints'])
    rmSync(join(copy, name), { recursive: true, force: true })
  t.same(await loadGalaxiesModel(copy), model)
  for (const name of ['normalisation.json', 'pairs.safetensors', 'model.safetensors', 'config.json']) {
    const broken = join(here, `without-${name}`)
    cpSync(copy, broken, { recursive: true })
    rmSync(join(broken, name))
    await t.rejects(loadGalaxiesModel(broken), { message: new RegExp(name.replace('.', '\\.')) }, name)
    t.notOk(existsSync(join(broken, name)))
  }
})
