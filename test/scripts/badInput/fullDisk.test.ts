import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readSafetensors } from '../../../io/index.js'
import { refuses } from './refusal.js'
import { networkAlone, stipple, stippleHere, tinyFile, tinySettings, trained } from './tiny.js'

// The kernel refuses to let a file grow beyond so many blocks of 512 bytes: to the program a disk that fills up in the
// middle of a write, and unlike a small file system there on every machine.
const skip = process.platform === 'win32' ? 'no limit on the size of files on this system' : false

t.test('simulate and sample: no room for the fields', { skip }, async t => {
  const folder = t.testdir({ 'kept.h5': 'mine' })
  const run = await trained(folder, await tinyFile(folder), networkAlone)
  for (const [name, words] of [
    ['simulated.h5', ['galaxies', 'simulate', '--n', '3', '--points', '100', '--grid', '32', '--box', '200']],
    ['drawn.h5', ['galaxies', 'sample', '--run', run, '--n', '6', '--points', '60', '--steps', '1']],
    ['kept.h5', ['galaxies', 'sample', '--run', run, '--n', '6', '--points', '60', '--steps', '1', '--force']],
  ] as const) {
    const says = new RegExp(`expected to write .*${name.replace('.', '\\.')}`)
    await refuses(t, { args: [...words, '--out', join(folder, name)], code: 1, says, folder, largestFile: 8 })
  }
})

t.test(
  'train: no room for the pair score, for a checkpoint; whole files alone stay, and --resume goes on',
  { skip },
  async t => {
    const folder = t.testdir({})
    const data = await tinyFile(folder)
    for (const [name, settings, largestFile, says] of [
      ['pairs', tinySettings, 12, /expected to write .*pairs\.safetensors/],
      ['checkpoint', networkAlone, 20, /expected to write .*step-00000002\.safetensors/],
    ] as const) {
      const out = join(folder, name)
      const train = ['galaxies', 'train', '--data', data, '--out', out, '--quiet', ...settings]
      const { code, stdout, stderr } = await stipple(train, { largestFile })
      t.equal(code, 1)
      t.equal(stdout, '')
      t.match(stderr, /^stipple: expected [^\n;]+; got [^\n;]+; [^\n;]+\n$/)
      t.match(stderr, says)
      for (const entry of readdirSync(out, { recursive: true, encoding: 'utf8' })) {
        t.notMatch(entry, /partial/, 'nothing half-written')
        if (entry.endsWith('.json')) t.doesNotThrow(() => JSON.parse(readFileSync(join(out, entry), 'utf8')))
        if (entry.endsWith('.safetensors')) t.doesNotThrow(() => readSafetensors(join(out, entry)))
      }
      const resumed = await stippleHere([...train, '--resume'])
      t.equal(resumed.code, 0, resumed.stderr)
    }
  },
)

t.test(
  'no room for the result on stdout: said in one line',
  { skip: process.platform === 'linux' ? false : 'no /dev/full' },
  async t => {
    const { code, stderr } = await stipple(['--help'], { into: '/dev/full' })
    t.equal(code, 1)
    t.match(stderr, /^stipple: expected [^\n;]+; got [^\n;]+; [^\n;]+\n$/)
  },
)

// The superuser may read and write everywhere.
const root = process.getuid?.() === 0 || process.platform === 'win32' ? 'permissions do not bind this user' : false

t.test('files that may not be read and folders that may not be written', { skip: root }, async t => {
  const folder = t.testdir({ shut: {} })
  const data = await tinyFile(folder)
  const run = await trained(folder, data, networkAlone)
  const { chmodSync } = await import('node:fs')
  const shut = join(folder, 'shut')
  chmodSync(shut, 0o500)
  const sample = ['galaxies', 'sample', '--run', run, '--n', '1', '--points', '60', '--steps', '1']
  await refuses(t, {
    args: [...sample, '--out', join(shut, 'drawn.h5')],
    code: 2,
    says: /a folder that can be written to; got .*shut/,
    folder: shut,
  })
  const into = ['galaxies', 'train', '--data', data, '--out', join(shut, 'run'), ...networkAlone]
  await refuses(t, { args: into, code: 1, says: /permission/, folder: shut })
  chmodSync(data, 0)
  const from = ['galaxies', 'train', '--data', data, '--out', join(folder, 'other'), ...networkAlone]
  const { code, stderr } = await stippleHere([...from, '--quiet'])
  t.equal(code, 3)
  t.match(stderr, /^stipple: expected [^\n;]+fields\.h5; got [^\n;]+; [^\n;]+\n$/)
  chmodSync(data, 0o600)
  chmodSync(shut, 0o700)
})
