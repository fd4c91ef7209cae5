import type { ChildProcess } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { cpSync, existsSync, readdirSync, readFileSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { digestOf, refuses } from './refusal.js'
import { resultOf, stipple, stippleHere, tinyFile, tinySettings, trainLine } from './tiny.js'

/** Enough that a signal arrives in the middle. */
const steps = 80
const settings = [...tinySettings, '--set', `train.steps=${steps}`, '--set', 'train.checkpointEvery=10']

const folder = t.testdir({})
const data = await tinyFile(folder)
const train = (out: string, ...args: string[]) => trainLine(data, out, ['--json', ...settings, ...args])

const whole = join(folder, 'uninterrupted')
const first = await stippleHere(train(whole))
if (first.code !== 0) throw new Error(first.stderr)
const wanted = digestOf(join(whole, 'model.safetensors'))

/** Waits for a state of the run folder, then sends the signal. */
async function signalWhen(child: ChildProcess, signal: NodeJS.Signals, ready: () => boolean): Promise<void> {
  while (!ready() && child.exitCode === null) await setTimeout(2)
  child.kill(signal)
}

function stepsDone(out: string): number {
  const path = join(out, 'metrics.jsonl')
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').length - 1 : 0
}

function checkpoints(out: string): string[] {
  return readdirSync(join(out, 'checkpoints'))
    .sort()
    .map(name => join(out, 'checkpoints', name))
}

t.test(
  'Ctrl-C in the middle of training: exit code 130, a checkpoint left, --resume ends in the same bytes',
  async t => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      const out = join(folder, signal)
      const { code, stdout, stderr } = await stipple(train(out), {
        during: child => void signalWhen(child, signal, () => stepsDone(out) >= 3),
      })
      t.equal(code, 130, signal)
      t.equal(stdout, '')
      // What the signal does is said at once; the line of the end comes last.
      t.match(
        stderr,
        new RegExp(`^${signal}: [^\\n]+\\nstipple: expected [^\\n;]+; got ${signal}; [^\\n;]*--resume[^\\n;]*\\n$`),
      )
      t.notOk(existsSync(join(out, 'model.safetensors')))
      t.match(checkpoints(out).at(-1), /step-\d{8}\.safetensors$/)
      const resumed = await stippleHere(train(out, '--resume'))
      t.equal(resumed.code, 0, resumed.stderr)
      t.match(resultOf(resumed), { steps })
      t.equal(digestOf(join(out, 'model.safetensors')), wanted)
      t.equal(stepsDone(out), steps, 'every step is in the metrics, once')
    }
  },
)

t.test('Ctrl-C while the pairs are fitted: exit code 130, and --resume ends in the same bytes', async t => {
  const out = join(folder, 'early')
  const { code, stderr } = await stipple(train(out, '--threads', '2'), {
    during: child => void signalWhen(child, 'SIGINT', () => existsSync(join(out, 'normalisation.json'))),
  })
  t.equal(code, 130)
  t.match(stderr, /\nstipple: expected [^\n;]+; got SIGINT; [^\n;]*--resume[^\n;]*\n$/)
  t.notOk(existsSync(join(out, 'pairs.safetensors')))
  const resumed = await stippleHere(train(out, '--resume'))
  t.equal(resumed.code, 0, resumed.stderr)
  t.equal(digestOf(join(out, 'model.safetensors')), wanted)
})

t.test('SIGKILL while the pairs are fitted and again at a random step: --resume ends in the same bytes', async t => {
  const out = join(folder, 'killed')
  const step = randomInt(1, steps - 20)
  t.comment(`killed after step ${step}`)
  const kill = async (ready: () => boolean, ...args: string[]) => {
    const { code } = await stipple(train(out, ...args), { during: child => void signalWhen(child, 'SIGKILL', ready) })
    t.equal(code, null)
  }
  await kill(() => existsSync(join(out, 'normalisation.json')))
  await kill(() => stepsDone(out) >= step, '--resume')
  t.notOk(existsSync(join(out, 'model.safetensors')))
  const { code, stderr } = await stipple(train(out, '--resume'))
  t.equal(code, 0, stderr)
  t.equal(digestOf(join(out, 'model.safetensors')), wanted)
  t.equal(digestOf(join(out, 'pairs.safetensors')), digestOf(join(whole, 'pairs.safetensors')))
})

t.test('a checkpoint cut short: the one before is taken, with a warning that names both; the same bytes', async t => {
  const out = join(folder, 'cut')
  cpSync(whole, out, { recursive: true })
  const [before, last] = checkpoints(out)
  truncateSync(last, 1000)
  const { code, stderr } = await stippleHere(train(out, '--resume'))
  t.equal(code, 0, stderr)
  const warnings = stderr.split('\n').filter(line => line.includes('checkpoint'))
  t.match(warnings, [/^expected a whole checkpoint in [^;]*; got [^;]*; going on from the one before, /])
  t.equal(warnings.length, 1)
  t.ok(warnings[0].includes(last) && warnings[0].endsWith(before))
  t.equal(digestOf(join(out, 'model.safetensors')), wanted)
})

t.test('all checkpoints cut short: exit code 3, one line that names the newest, nothing changed', async t => {
  const out = join(folder, 'all-cut')
  cpSync(whole, out, { recursive: true })
  for (const path of checkpoints(out)) truncateSync(path, 1000)
  const says = /expected a whole checkpoint in .*step-00000080\.safetensors; got .*; .*--force/
  await refuses(t, { args: train(out, '--resume'), code: 3, says, folder: out })
})

t.test('--resume with spoilt results of earlier stages', async t => {
  for (const name of ['pairs.safetensors', 'normalisation.json', 'config.json', 'run.json']) {
    const out = join(folder, `spoilt-${name}`)
    cpSync(whole, out, { recursive: true })
    truncateSync(join(out, name), 40)
    const says = new RegExp(`expected .*${name.replace('.', '\\.')}; got .*; .*--force`)
    await refuses(t, { args: train(out, '--resume'), code: 3, says, folder: out })
  }
})

t.test('Ctrl-C while fields are simulated: exit code 130, nothing half-written, and --resume goes on', async t => {
  const here = t.testdir({})
  const part = join(here, 'f.h5.part')
  const words = ['galaxies', 'simulate', '--out', join(here, 'f.h5'), '--points', '100', '--grid', '40', '--box', '100']
  // Some .1 s a field leave the signal seconds to arrive in, also from a busy machine.
  const n = 20
  const simulate = [...words, '--n', `${n}`, '--threads', '1', '--quiet']
  const done = () => (existsSync(part) ? readdirSync(part).filter(name => /^\d+\.safetensors$/.test(name)) : [])
  const { code, stdout, stderr } = await stipple(simulate, {
    during: child => void signalWhen(child, 'SIGINT', () => done().length > 0),
  })
  t.equal(code, 130)
  t.equal(stdout, '')
  t.match(stderr, /\nstipple: expected [^\n;]+; got SIGINT; [^\n;]+\n$/)
  t.same(readdirSync(here), ['f.h5.part'], 'nothing at --out')
  t.ok(done().length > 0 && done().length < n, `${done().length} fields were done`)
  t.same(readdirSync(part).sort(), [...done().sort(), 'request.json'], 'whole fields alone')
  t.equal((await stippleHere([...simulate, '--resume'])).code, 0)
  t.same(readdirSync(here), ['f.h5'])
})
