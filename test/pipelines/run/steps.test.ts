import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { Interrupted } from '../../../core/index.js'
import { checkpointPath, checkpointSteps, readMetrics } from '../../../pipelines/run/index.js'
import { nodeAlone } from '../../scripts/commandLine.js'
import { trainToy } from './toyTraining.js'

/** The bytes of the last checkpoint and the rows of the metrics of a run that was never stopped. */
async function uninterrupted(dir: string) {
  await trainToy({ out: join(dir, 'whole'), resume: false })
  return {
    weights: readFileSync(checkpointPath(join(dir, 'whole'), 40)),
    metrics: await readMetrics(join(dir, 'whole/metrics.jsonl')),
  }
}

t.test('checkpoints: every 7 steps and at the end, the last two kept', async t => {
  const dir = t.testdir({})
  await uninterrupted(dir)
  t.same(await checkpointSteps(join(dir, 'whole')), [35, 40])
})

t.test('law: interrupted after any step, resumed: the same bytes, the same metrics, one row a step', async t => {
  const dir = t.testdir({})
  const whole = await uninterrupted(dir)
  for (const stop of [1, 6, 7, 8, 20, 39]) {
    const out = join(dir, `stopped-${stop}`)
    const controller = new AbortController()
    const interrupted = new Interrupted('expected to finish', 'got SIGINT', 'resume')
    const stopping = trainToy(
      { out, resume: false, onStep: done => (done === stop ? controller.abort(interrupted) : undefined) },
      { signal: controller.signal },
    )
    await t.rejects(stopping, interrupted)
    t.same((await checkpointSteps(out)).at(-1), stop, 'the step under way was finished and kept')
    await trainToy({ out, resume: true })
    t.ok(readFileSync(checkpointPath(out, 40)).equals(whole.weights), `weights after stopping at ${stop}`)
    t.same(await readMetrics(join(out, 'metrics.jsonl')), whole.metrics)
  }
})

t.test('killed (SIGKILL) within steps and before a checkpoint is written, resumed: the same bytes', async t => {
  const dir = t.testdir({})
  const whole = await uninterrupted(dir)
  const out = join(dir, 'killed')
  const program = fileURLToPath(new URL('./toyTraining.js', import.meta.url))
  for (const [moment, at, kept] of [
    ['step', 3, []],
    ['save', 14, [7]],
    ['step', 18, [7, 14]],
  ] as const) {
    const [command, ...words] = [...nodeAlone, program, 'child', out, moment, String(at)]
    const child = spawn(command, words, { stdio: 'ignore' })
    const [, signal] = await once(child, 'exit')
    t.equal(signal, 'SIGKILL')
    t.same(await checkpointSteps(out), kept)
  }
  await trainToy({ out, resume: true })
  t.ok(readFileSync(checkpointPath(out, 40)).equals(whole.weights))
  t.same(await readMetrics(join(out, 'metrics.jsonl')), whole.metrics)
})

t.test('a step that fails leaves the last checkpoint as it was, and its error arrives', async t => {
  const out = join(t.testdir({}), 'failed')
  const failing = trainToy({
    out,
    resume: false,
    onStep: done => {
      if (done === 10) throw new Error('no convergence')
    },
  })
  await t.rejects(failing, /no convergence/)
  t.same(await checkpointSteps(out), [7])
})

t.test('a finished run that is resumed does nothing', async t => {
  const out = join(t.testdir({}), 'done')
  const weights = await trainToy({ out, resume: false })
  const again = await trainToy({ out, resume: true, onStep: () => void t.fail('a step was done') })
  t.same(again, weights)
})
