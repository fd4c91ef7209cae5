import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import {
  describeEnvironment,
  openMetrics,
  openRunFolder,
  readMetrics,
  readRun,
  refuseOverwrite,
} from '../../../pipelines/run/index.js'
import { toyConfig } from './toyTraining.js'

const presets = { long: { steps: 400 } }
const request = { resume: false, force: false, threads: 2, identity: { subject: 'toy', seed: 3, data: ['a.h5'] } }

t.test('a new run stores its resolved configuration, its identity and its environment', async t => {
  const out = join(t.testdir({}), 'deep/run')
  const run = await openRunFolder(toyConfig, presets, { preset: 'long', set: ['rate=0.5'] }, { ...request, out })
  t.same(run.config, { steps: 400, rate: 0.5 })
  t.same(JSON.parse(readFileSync(run.file('config.json'), 'utf8')), run.config)
  t.same(await readRun(out, toyConfig), { config: run.config, identity: request.identity })
  const environment = JSON.parse(readFileSync(run.file('environment.json'), 'utf8'))
  t.same(environment, JSON.parse(JSON.stringify(describeEnvironment(2))))
  t.match(environment, { node: process.versions.node, threads: 2, packages: { 'onnxruntime-node': /^1\./ } })
})

t.test('an existing run is left alone without --resume or --force', async t => {
  const out = join(t.testdir({}), 'run')
  await openRunFolder(toyConfig, presets, {}, { ...request, out })
  writeFileSync(join(out, 'metrics.jsonl'), '{"step":1}\n')
  writeFileSync(join(out, 'notes.txt'), 'mine')
  await t.rejects(openRunFolder(toyConfig, presets, {}, { ...request, out }), {
    exitCode: 2,
    message: /--resume .* --force/,
  })
  t.ok(existsSync(join(out, 'metrics.jsonl')))
  await openRunFolder(toyConfig, presets, {}, { ...request, out, force: true })
  t.same(
    readdirSync(out).sort(),
    ['config.json', 'environment.json', 'notes.txt', 'run.json'],
    'ours are replaced, others stay',
  )
})

t.test('resuming takes the stored configuration, and refuses to become another run', async t => {
  const out = join(t.testdir({}), 'run')
  const open = (set: string[], identity = request.identity) =>
    openRunFolder(toyConfig, presets, { set }, { ...request, out, identity, resume: true })
  t.notOk((await open(['rate=0.5'])).resumed, 'nothing there yet: a new run')
  t.match(await open([]), { resumed: true, config: { steps: 40, rate: 0.5 } })
  t.ok((await open(['rate=0.5'])).resumed)
  await t.rejects(open(['rate=0.25']), { exitCode: 2, message: /expected rate = 0\.5, .*; got 0\.25/ })
  await t.rejects(open([], { ...request.identity, seed: 4 }), { exitCode: 2, message: /expected seed = 3, .*; got 4/ })
})

t.test('resuming with other threads is done, and said', async t => {
  const out = join(t.testdir({}), 'run')
  const warnings: string[] = []
  const log = { info() {}, debug() {}, warn: (text: string) => warnings.push(text) }
  const open = (threads: number) =>
    openRunFolder(toyConfig, presets, {}, { ...request, out, threads, resume: true, log })
  await open(2)
  t.ok((await open(2)).resumed)
  t.same(warnings, [])
  t.ok((await open(4)).resumed)
  t.equal(warnings.length, 1)
  t.match(warnings[0], /expected threads = 2, .*; got 4; .* may not end in the same bytes/)
})

t.test('a folder of something else, and a file, are refused', async t => {
  const dir = t.testdir({ 'thesis.tex': 'x' })
  await t.rejects(openRunFolder(toyConfig, presets, {}, { ...request, out: dir }), {
    exitCode: 2,
    message: /holds thesis\.tex/,
  })
  await t.rejects(openRunFolder(toyConfig, presets, {}, { ...request, out: join(dir, 'thesis.tex') }), {
    message: /the file/,
  })
  await t.rejects(readRun(dir, toyConfig), { exitCode: 2, message: /config\.json/ })
})

t.test('a run that failed before it made anything may be begun again', async t => {
  const out = join(t.testdir({}), 'run')
  await openRunFolder(toyConfig, presets, {}, { ...request, out })
  const again = await openRunFolder(toyConfig, presets, { preset: 'long' }, { ...request, out })
  t.match(again, { resumed: false, config: { steps: 400 } })
})

t.test('a run killed in its first moment is begun again; temporary files are cleared', async t => {
  const dir = t.testdir({ 'environment.json': '{', '.config.json.12-0123abcd.partial': '{' })
  await openRunFolder(toyConfig, presets, {}, { ...request, out: dir })
  t.same(readdirSync(dir).sort(), ['config.json', 'environment.json', 'run.json'])
})

t.test('metrics: torn last line and rows beyond the checkpoint go, the rest stays', async t => {
  const path = join(t.testdir({}), 'metrics.jsonl')
  t.same(await readMetrics(path), [])
  writeFileSync(path, '{"step":1,"loss":2}\n{"step":2,"loss":1}\n{"step":3,"loss":0.5}\n{"step":4,"lo')
  t.equal((await readMetrics(path)).length, 3)
  const metrics = await openMetrics(path, 2)
  await metrics.append({ step: 3, loss: 0.25 })
  await metrics.close()
  t.equal(readFileSync(path, 'utf8'), '{"step":1,"loss":2}\n{"step":2,"loss":1}\n{"step":3,"loss":0.25}\n')
})

t.test('an output file: an existing one, a folder, a device are refused before the work begins', async t => {
  const dir = t.testdir({ 'there.h5': 'x' })
  await refuseOverwrite(join(dir, 'new.h5'), false)
  await refuseOverwrite(join(dir, 'there.h5'), true)
  await t.rejects(refuseOverwrite(join(dir, 'there.h5'), false), {
    exitCode: 2,
    message: /there\.h5, which exists.*--force/,
  })
  await t.rejects(refuseOverwrite(dir, true), { exitCode: 2, message: /folder/ })
  await t.rejects(refuseOverwrite(join(dir, 'there.h5', 'new.h5'), true), { message: /the file/ })
  if (existsSync('/dev/full')) await t.rejects(refuseOverwrite('/dev/full', true), { exitCode: 2, message: /device/ })
})
