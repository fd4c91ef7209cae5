import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { fieldsIn, writeFields } from '../../io/galaxies/files.js'
import { refuses } from './refusal.js'
import { few, stippleHere, tinyField, tinyFile, trained } from './tiny.js'

const folder = t.testdir({})
const data = await tinyFile(folder)
const run = await trained(folder, data)
const sample = (from: string, out: string) => [
  'galaxies',
  'sample',
  '--run',
  from,
  '--out',
  out,
  '--points',
  '60',
  '--n',
  '1',
  '--steps',
  '2',
]

t.test('sample: theta outside the trained range is refused with the range; --extrapolate lets it pass', async t => {
  const here = t.testdir({})
  const out = join(here, 'drawn.h5')
  // omega_m from 0.2 to 0.4 in six fields, less the one held out; widened by one spacing.
  const says =
    /^stipple: expected omega_m in \[0\.1[0-9.]*, 0\.4[0-9.]*\], where the model was trained; got 0\.9; .*--extrapolate\n/
  const args = [...sample(run, out), '--omega-m', '0.9', '--sigma-8', '0.8']
  await refuses(t, { args, code: 2, says, folder: here })
  const { code, stderr } = await stippleHere([...args, '--extrapolate', '--quiet'])
  t.equal(code, 0, stderr)
  for (const { theta, points } of await fieldsIn(out))
    t.match({ theta, points }, { theta: { omega_m: 0.9 }, points: 60 })
})

t.test('evaluate: theta of a simulation outside the trained range', async t => {
  const here = t.testdir({})
  const wide = await tinyFile(here, 'wide.h5', 2)
  const args = ['galaxies', 'evaluate', '--data', wide, '--run', run]
  await refuses(t, { args, code: 2, says: /expected omega_m in .* where the model was trained; got/, folder: here })
})

t.test('evaluate: simulations that lack what the model was trained with', async t => {
  const here = t.testdir({})
  const path = join(here, 'one.h5')
  await writeFields(path, [tinyField(0, 60, { theta: { omega_m: 0.3 } })], { seed: 0 })
  const crowded = join(here, 'crowded.h5')
  await writeFields(crowded, [tinyField(1, 90)], { seed: 0 })
  const dense = ['galaxies', 'evaluate', '--data', crowded, '--run', run]
  await refuses(t, {
    args: dense,
    code: 3,
    says: /a size that the model in .* draws; got 90 halos in 200/,
    folder: here,
  })
  const args = ['galaxies', 'evaluate', '--data', path, '--run', run]
  await refuses(t, {
    args,
    code: 3,
    says: /expected sigma_8 with the fields of .*one\.h5.*; got omega_m;/,
    folder: here,
  })
})

t.test('sample: what the model does not know', async t => {
  const here = t.testdir({ 'taken.h5': 'mine', empty: {} })
  const out = join(here, 'drawn.h5')
  const cases: readonly [string[], RegExp][] = [
    [[...sample(run, out), '--omega-b', '0.05'], /parameters among omega_m, sigma_8; got omega_b/],
    [[...sample(run, out), '--points', '40'], /--points 60.*; got 40/],
    [[...sample(run, out), '--points', '1'], /--points to be a whole number from 2; got '1'/],
    [sample(join(here, 'nowhere'), out), /a run folder .*nowhere/],
    [sample(join(here, 'empty'), out), /a run folder .*empty/],
    [sample(data, out), /a run folder .*fields\.h5/],
    [sample(run, join(here, 'taken.h5')), /--out to be new; got .*taken\.h5.*--force/],
    [sample(run, join(here, 'empty')), /--out to be a file; got the folder/],
    [sample(run, join(here, 'taken.h5', 'drawn.h5')), /--out to lie in a folder; got the file/],
  ]
  await few(cases, ([args, says]) => refuses(t, { args, code: 2, says, folder: here }))
})

t.test('sample: a run that is not finished, and files of a run that are cut short', async t => {
  const here = t.testdir({})
  const copy = (name: string) => {
    const path = join(here, name)
    cpSync(run, path, { recursive: true })
    return path
  }
  const unfinished = copy('unfinished')
  rmSync(join(unfinished, 'model.safetensors'))
  const cases: [string, 2 | 3, RegExp][] = [
    [unfinished, 2, /a finished run in .*unfinished; got .*model\.safetensors; .*--resume/],
  ]
  for (const name of ['model.safetensors', 'pairs.safetensors', 'normalisation.json', 'config.json', 'run.json']) {
    for (const [share, length] of [
      ['half', readFileSync(join(run, name)).length >> 1],
      ['nothing', 0],
    ] as const) {
      const path = copy(`${share}-of-${name}`)
      truncateSync(join(path, name), length)
      cases.push([path, 3, new RegExp(`expected .*${share}-of-.*${name.replace('.', '\\.')}.*; got `)])
    }
  }
  for (const name of ['pairs.safetensors', 'normalisation.json']) {
    const path = copy(`without-${name}`)
    rmSync(join(path, name))
    cases.push([path, 3, new RegExp(`expected .*${name.replace('.', '\\.')}`)])
  }
  const other = copy('other-normalisation')
  writeFileSync(join(other, 'normalisation.json'), '{"fields": 5}')
  cases.push([other, 3, /expected .*normalisation\.json; got /])
  await few(cases, ([from, code, says]) =>
    refuses(t, { args: sample(from, join(from, 'drawn.h5')), code, says, folder: from }),
  )
})

t.test('an existing result stays; --force replaces it, and an unwritten one leaves no folder', async t => {
  const here = t.testdir({ 'drawn.h5': 'mine' })
  const out = join(here, 'drawn.h5')
  t.equal((await stippleHere([...sample(run, out), '--force', '--quiet'])).code, 0)
  t.notSame(readFileSync(out, 'utf8'), 'mine')
  mkdirSync(join(here, 'no'))
  const deep = join(here, 'no', 'such', 'folder', 'drawn.h5')
  t.equal((await stippleHere([...sample(run, deep), '--quiet'])).code, 0)
  t.ok(existsSync(deep), 'folders on the way are made')
})
