import { mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { Interrupted, makeKey, UsageError } from '../../../core/index.js'
import { dwarfs } from '../../../io/dwarfs/index.js'
import { openHdf5, readNumbers } from '../../../io/hdf5/index.js'
import { readObjects } from '../../../io/objects/index.js'
import { readPrior, readStarCount, readVelocityErrors } from '../../../pipelines/dwarfs/simulateOptions.js'
import { quietContext } from '../../../pipelines/run/context.js'
import { drawDwarf, dwarfPrior, mixedErrors } from '../../../simulators/dwarfs/index.js'
import { common } from '../common.js'
import { simulateDwarfs } from './tiny.js'

const folder = mkdtempSync(join(tmpdir(), 'stipple-dwarfs-'))
const options = {
  ...common,
  seed: 3,
  n: 30,
  stars: '30',
  starsExact: false,
  errors: 'mixed',
  binaries: 0,
  contaminants: 0,
  prior: [],
  dfClip: false,
}
const key = makeKey(3)

t.test('what is written is what is drawn, whatever the threads', async t => {
  const results: Record<string, unknown>[] = []
  for (const threads of [2, 1]) {
    const out = join(folder, `threads${threads}.h5`)
    await simulateDwarfs(
      { ...options, out, threads },
      quietContext(key, { json: result => results.push({ ...result }) }),
    )
    let index = 0
    for await (const dwarf of readObjects(dwarfs, out)) {
      const stars = { kind: 'poisson', mean: 30 } as const
      const { rejected, redrawn, ...drawn } = drawDwarf(key.split('dwarf').split(index++), dwarfPrior, {
        stars,
        errors: mixedErrors,
      })
      t.ok(rejected >= 0 && redrawn === 0)
      t.strictSame({ ...dwarf }, drawn)
    }
    t.equal(index, 30)
  }
  const [two, one] = results
  t.match(one, { n: 30, out: join(folder, 'threads1.h5') })
  t.equal(one.rejected_share, two.rejected_share)
  t.ok(Number(one.galaxies_per_second) > 0 && Number(one.seconds_per_field) > 0)
  const file = await openHdf5(join(folder, 'threads1.h5'))
  t.equal(file.attribute('subject'), 'dwarfs')
  t.same(JSON.parse(String(file.attribute('prior'))), dwarfPrior)
  t.equal(file.attribute('rejected_share'), one.rejected_share)
  file.close()
})

t.test('an existing file stays; --resume finds it done', async t => {
  const out = join(folder, 'threads1.h5')
  await t.rejects(simulateDwarfs({ ...options, out }, quietContext(key)), UsageError)
  await simulateDwarfs({ ...options, out, resume: true }, quietContext(key))
})

t.test(
  "foreground stars bring memberships; a prior of one's own is kept to, and clipped galaxies reach beta_0 above 0",
  async t => {
    const out = join(folder, 'mixed.h5')
    const prior = ['gamma=0,0.5', 'log10_rho_0=[7,7.5]']
    await simulateDwarfs(
      { ...options, out, n: 12, stars: '20:40', contaminants: 0.2, binaries: 0.5, prior, dfClip: true },
      quietContext(key),
    )
    let above = 0
    for await (const dwarf of readObjects(dwarfs, out)) {
      above += dwarf.theta.beta_0 > 0 ? 1 : 0
      t.equal(dwarf.membership?.length, dwarf.stars)
      t.ok(dwarf.stars >= 20 && dwarf.stars <= 40)
      t.ok(
        dwarf.theta.gamma >= 0 &&
          dwarf.theta.gamma <= 0.5 &&
          dwarf.theta.log10_rho_0 >= 7 &&
          dwarf.theta.log10_rho_0 <= 7.5,
      )
    }
    t.ok(above > 1 && above < 11, `${above} of 12`)
  },
)

/** A context that is interrupted once so many galaxies are done, and how many were done at each report. */
function watched(interruptAt = Number.POSITIVE_INFINITY) {
  const stop = new AbortController()
  const reports: number[] = []
  const advance = (done = 1) => {
    reports.push(done)
    if (reports.reduce((sum, each) => sum + each, 0) >= interruptAt)
      stop.abort(new Interrupted('expected to finish', 'got Ctrl-C', 'go on with --resume'))
  }
  return { reports, context: quietContext(key, { signal: stop.signal, progress: () => ({ advance, stop: () => {} }) }) }
}

/** All that a file holds but the time of its making. */
async function contentOf(path: string) {
  const file = await openHdf5(path)
  const content: Record<string, unknown> = {}
  for (const { path: name } of file.children('/')) content[name] = (await readNumbers(file, name)).slice()
  for (const name of ['seed', 'prior', 'rejected_share', 'contaminants', 'foregrounds_redrawn'])
    content[name] = file.attribute(name)
  file.close()
  return content
}

t.test(
  'interrupted, it goes on from the galaxies that are there, and the file is that of an uninterrupted call',
  async t => {
    const folder = t.testdir({})
    const [out, whole] = [join(folder, 'stopped', 'd.h5'), join(folder, 'whole.h5')]
    const asked = { ...options, n: 100, stars: '12', contaminants: 0.7 }
    await t.rejects(simulateDwarfs({ ...asked, out }, watched(40).context), Interrupted)
    t.same(readdirSync(join(folder, 'stopped')), ['d.h5.part'])
    await t.rejects(simulateDwarfs({ ...asked, out }, quietContext(key)), { message: /d\.h5\.part; .*--resume/ })
    for (const other of [
      { seed: 4 },
      { contaminants: 0.2 },
      { stars: '31' },
      { prior: ['gamma=0,1'] },
      { errors: '2' },
    ])
      await t.rejects(simulateDwarfs({ ...asked, ...other, out, resume: true }, quietContext(key)), UsageError)
    const { reports, context } = watched()
    await simulateDwarfs({ ...asked, out, resume: true, threads: 2 }, context)
    t.ok(reports[0] >= 40 && reports[0] < 100, `${reports[0]} were there`)
    t.equal(
      reports.reduce((sum, each) => sum + each, 0),
      100,
    )
    t.same(readdirSync(join(folder, 'stopped')), ['d.h5'])
    await simulateDwarfs({ ...asked, out: whole }, quietContext(key))
    const content = await contentOf(out)
    t.strictSame(content, await contentOf(whole))
    t.ok(Number(content.foregrounds_redrawn) > 0)
  },
)

t.test('options that make no sense are refused in words', async t => {
  for (const stars of ['0', '1', 'x', '20:10', '1:2:3', '', '1e9', '2.5'])
    t.throws(() => readStarCount({ stars, starsExact: true }), UsageError, stars)
  for (const errors of ['-1', '5:1', '0', 'some', '1:2:3', 'Infinity'])
    t.throws(() => readVelocityErrors(errors), UsageError, errors)
  for (const prior of ['gamma', 'gamma=1', 'gamma=2,1', 'delta=0,1', 'gamma=0,3', 'beta_0=-1,0', '=1,2', 'gamma=0,x'])
    t.throws(() => readPrior({ prior: [prior], dfClip: false }), UsageError, prior)
  t.same(readPrior({ prior: [], dfClip: true }).beta_0, [-0.5, 0.5])
  t.same(readStarCount({ stars: '50', starsExact: true }), { kind: 'exact', stars: 50 })
  t.same(readVelocityErrors('2'), { kind: 'equal', error: 2 })
})
