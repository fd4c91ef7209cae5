import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Field } from '../../../io/galaxies/field.js'
import { fields as fieldKind } from '../../../io/galaxies/index.js'
import { readObjects } from '../../../io/objects/index.js'
import { few, networkAlone, resultOf, stipple, stippleHere, tinyFile, tinySettings } from './tiny.js'

const folder = t.testdir({})
const data = await tinyFile(folder)
const run = join(folder, 'run')
const train = ['galaxies', 'train', '--data', data, '--json', '--quiet']
const trained = await stipple([...train, '--out', run, ...tinySettings], { covered: true })
const simulate = [
  'galaxies',
  'simulate',
  '--n',
  '3',
  '--points',
  '40',
  '--grid',
  '32',
  '--box',
  '200',
  '--json',
  '--quiet',
]
const sample = ['galaxies', 'sample', '--run', run, '--points', '60', '--omega-m', '0.3', '--json', '--quiet']

async function fieldsIn(path: string): Promise<Field[]> {
  const fields: Field[] = []
  for await (const field of readObjects(fieldKind, path)) fields.push(field)
  return fields
}

const isNumber = (value: unknown) => typeof value === 'number' && Number.isFinite(value)

t.test('train --json: the keys promised, each a number that can be', async t => {
  t.equal(trained.code, 0, trained.stderr)
  t.equal(trained.stdout.split('\n').length, 2, 'one line on stdout')
  const result = resultOf(trained)
  t.match(result, { run, steps: 2 })
  for (const key of ['loss', 'steps_per_second', 'data_wait_fraction', 'peak_rss_mb']) t.ok(isNumber(result[key]), key)
  t.ok((result.data_wait_fraction as number) >= 0 && (result.data_wait_fraction as number) <= 1)
  t.ok((result.peak_rss_mb as number) > 20)
  for (const name of [
    'config.json',
    'run.json',
    'environment.json',
    'metrics.jsonl',
    'normalisation.json',
    'model.safetensors',
    'model-card.md',
  ])
    t.ok(existsSync(join(run, name)), name)
})

t.test('every network and every objective trains, from one file and from two', async t => {
  const cases = [
    ['gnn', 'eps'],
    ['transformer', 'vdm'],
    ['egnn', 'x'],
    ['gnn', 'v'],
  ]
  await few(cases, async ([network, objective]) => {
    const out = join(folder, `${network}-${objective}`)
    const [files, rest] = [train.slice(0, 4), train.slice(4)]
    const words = [
      ...files,
      ...(network === 'egnn' ? [data] : []),
      ...rest,
      '--network',
      network,
      '--objective',
      objective,
    ]
    const outcome = await stippleHere([...words, '--out', out, ...networkAlone])
    t.equal(outcome.code, 0, outcome.stderr)
    const result = resultOf(outcome)
    t.match(result, { steps: 2, fields: { training: network === 'egnn' ? 11 : 5, validation: 1 } })
    t.ok(isNumber(result.loss), `${network}, ${objective}: loss ${String(result.loss)}`)
    const drawn = await stippleHere([
      'galaxies',
      'sample',
      '--run',
      out,
      '--n',
      '1',
      '--points',
      '60',
      '--steps',
      '2',
      '--quiet',
      '--out',
      join(out, 'drawn.h5'),
    ])
    t.equal(drawn.code, 0, drawn.stderr)
    for (const { positions, points } of await fieldsIn(join(out, 'drawn.h5'))) {
      t.equal(points, 60)
      t.ok(positions.every(x => x >= 0 && x < 200))
    }
  })
})

t.test('the pair score alone: a preset without a network', async t => {
  const out = join(folder, 'pairs')
  const outcome = await stippleHere([...train, '--out', out, '--preset', 'pairs', '--set', 'pairs.levels=4'])
  t.equal(outcome.code, 0, outcome.stderr)
  t.match(resultOf(outcome), { steps: 0, loss: null, steps_per_second: null })
})

t.test('simulate: JSON; equal values on one thread and on two, others with another seed', async t => {
  const out = (name: string) => join(folder, `simulated-${name}.h5`)
  const one = await stipple([...simulate, '--out', out('one'), '--threads', '1'], { covered: true })
  t.equal(one.code, 0, one.stderr)
  t.match(resultOf(one), { out: out('one'), n: 3 })
  t.ok(isNumber(resultOf(one).seconds_per_field))
  t.equal((await stippleHere([...simulate, '--out', out('two'), '--threads', '2'])).code, 0)
  t.equal((await stippleHere([...simulate, '--out', out('other'), '--seed', '1'])).code, 0)
  const fields = await fieldsIn(out('one'))
  t.equal(fields.length, 3)
  t.same(await fieldsIn(out('two')), fields)
  t.notSame((await fieldsIn(out('other')))[0].positions, fields[0].positions)
})

t.test(
  'sample: JSON; equal values on one thread and on two, others with another seed; Heun costs two a step',
  async t => {
    const out = (name: string) => join(folder, `drawn-${name}.h5`)
    const few = [...sample, '--n', '2', '--steps', '3']
    const one = await stipple([...few, '--out', out('one'), '--threads', '1'], { covered: true })
    t.equal(one.code, 0, one.stderr)
    t.match(resultOf(one), { out: out('one'), n: 2, evaluations: 3 })
    t.ok(isNumber(resultOf(one).seconds_per_field))
    t.equal((await stippleHere([...few, '--out', out('two'), '--threads', '2'])).code, 0)
    t.equal((await stippleHere([...few, '--out', out('other'), '--seed', '1'])).code, 0)
    const fields = await fieldsIn(out('one'))
    t.equal(fields.length, 2)
    t.same(await fieldsIn(out('two')), fields)
    t.notSame((await fieldsIn(out('other')))[0].positions, fields[0].positions)
    t.notSame(fields[0].positions, fields[1].positions)
    t.ok(fields.every(field => field.theta.omega_m === 0.3))
    t.not(fields[0].theta.sigma_8, fields[1].theta.sigma_8, 'what is not named is drawn, a draw a field')
    const heun = await stippleHere([...sample, '--n', '1', '--steps', '3', '--sampler', 'heun', '--out', out('heun')])
    t.match(resultOf(heun), { evaluations: 3 }, 'two steps: two evaluations, then one')
  },
)

t.test('evaluate: metrics and curves, from a file of samples and from a run', async t => {
  for (const from of [
    ['--samples', data],
    ['--run', run, '--steps', '3'],
  ]) {
    const outcome = await stippleHere(['galaxies', 'evaluate', '--data', data, ...from, '--json', '--quiet'])
    t.equal(outcome.code, 0, outcome.stderr)
    const result = resultOf(outcome)
    const { metrics, curves } = result as Record<string, Record<string, Record<string, unknown>>>
    t.ok(Object.keys(metrics).length > 0)
    for (const [name, metric] of Object.entries(metrics)) t.ok('value' in metric, name)
    t.ok(Object.keys(curves).length > 0)
    for (const [name, { x, value, error, unit }] of Object.entries(curves)) {
      t.ok(Array.isArray(x) && Array.isArray(value) && Array.isArray(error) && typeof unit === 'string', name)
    }
    // six cosmologies, a field each: judged on average
    const [population, ...others] = result.populations as Record<string, Record<string, unknown>>[]
    t.equal(others.length, 0)
    t.match(population, { name: '6 cosmologies', cosmologies: 6, fields: { drawn: 6, simulated: 6 } })
    t.match(population.curves.xi, { scatter_from: 'own' })
    t.match(population.curves.knn_1, { scatter_from: 'differences' })
    t.equal((population.response as unknown as unknown[]).length, (population.xi.bins as unknown[]).length)
    t.equal(typeof result.within_one_sigma, 'boolean')
    t.equal(typeof result.within_ten_percent, 'boolean')
    t.match(result.classifier, [{ population: '6 cosmologies', channels: 'positions', drawn: { pairs: 6 } }])
    t.same(result.left_out, [], 'neither side has velocities or masses')
    t.equal(result.evaluations, from[0] === '--run' ? 3 : undefined)
    if (from[0] === '--samples') {
      // a file beside itself
      t.match(result, { within_one_sigma: true, within_ten_percent: true })
      t.match(metrics.xi_max_sigma, { value: 0 })
    }
  }
})

t.test('evaluate --out: a page in a file or a folder; what is there stays', async t => {
  const evaluate = (...args: string[]) =>
    stippleHere(['galaxies', 'evaluate', '--data', data, '--samples', data, '--quiet', ...args])
  const page = join(folder, 'page.html')
  const outcome = await evaluate('--out', page, '--json')
  t.equal(outcome.code, 0, outcome.stderr)
  t.match(resultOf(outcome), { report: page })
  t.match(
    readFileSync(page, 'utf8'),
    /^<!doctype html>[\s\S]*6 cosmologies[\s\S]*Response to the cosmology[\s\S]*<\/html>\s*$/,
  )
  const again = await evaluate('--out', page)
  t.equal(again.code, 2)
  t.match(again.stderr, /^stipple: expected --out to be new; got .*page\.html, which exists; [^\n]*\n$/)
  t.equal((await evaluate('--out', join(folder, 'pages'))).code, 0)
  t.ok(existsSync(join(folder, 'pages', 'evaluation.html')))
})
