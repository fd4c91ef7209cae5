import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { makeKey } from '../../../core/index.js'
import { makeRecovery, recoveredInside } from '../../../pipelines/answers/recovery.js'
import type { EvaluateOptions } from '../../../pipelines/dwarfs/evaluate.js'
import { quietContext } from '../../../pipelines/run/context.js'
import { dwarfNames, priorWith } from '../../../simulators/dwarfs/index.js'
import { common } from '../common.js'
import {
  drawnDwarfs,
  evaluateDwarfs,
  inferDwarf,
  saidBy,
  tinyRun,
  trainDwarfs,
  trainOptions,
  writeGalaxies,
} from './tiny.js'

t.setTimeout(240_000)

interface Judged {
  readonly metrics: Record<string, { readonly value: number; readonly error?: number; readonly reference?: number }>
  readonly curves: Record<string, Record<'x' | 'value' | 'error' | 'reference', number[]> & { readonly unit: string }>
}
interface Said extends Judged {
  readonly passed: boolean
  readonly galaxies: number
  readonly inside?: Judged & { readonly galaxies: number }
}

const folder = t.testdir({})
const { run } = await tinyRun(folder)
const data = await writeGalaxies(join(folder, 'fresh.h5'), drawnDwarfs('judged', 70))
const options: EvaluateOptions = { ...common, data: [data], run, method: 'npe', galaxies: 0, n: 100 }
const evaluate = (changes: Partial<EvaluateOptions> = {}) =>
  saidBy<Said>(context => evaluateDwarfs({ ...options, ...changes }, context))

t.test('numbers and curves of every parameter, with errors and what an exact posterior has', async t => {
  const { metrics, curves, passed, galaxies, inside } = await evaluate()
  t.equal(galaxies, 70)
  t.equal(inside, undefined, 'all are inside the prior of the training')
  for (const name of dwarfNames) {
    for (const [level, share] of [
      ['68', 0.68],
      ['95', 0.95],
    ] as const) {
      const { value, error, reference } = metrics[`coverage_${level}_${name}`]
      t.equal(reference, share)
      t.ok(value >= 0 && value <= 1 && Math.abs((error ?? 0) - Math.sqrt((share * (1 - share)) / 70)) < 0.02)
    }
    for (const metric of ['rmse', 'posterior_sd', 'log_score', 'sbc_p', 'bias']) {
      t.ok(Number.isFinite(metrics[`${metric}_${name}`].value), `${metric} of ${name}`)
    }
    const { x, value, reference } = curves[`coverage_${name}`]
    t.same(x, reference)
    t.ok(
      value.every((share, i) => i === 0 || share >= value[i - 1]),
      'wider intervals hold more',
    )
    const ranks = curves[`ranks_${name}`]
    t.equal(
      ranks.value.reduce((a, b) => a + b),
      70,
    )
    t.equal(ranks.x.length, ranks.value.length + 1, 'edges of bins')
  }
  for (const { x, value, error, reference } of Object.values(curves)) {
    t.ok(value.length === error.length && value.length === reference.length && x.length >= value.length)
  }
  for (const name of ['tarp_p', 'tarp_largest', 'joint_log_score']) t.ok(Number.isFinite(metrics[name].value), name)
  t.equal(typeof passed, 'boolean')
  t.same((await evaluate()).metrics, metrics, 'and again the same')
})

t.test('the page has the estimates beside the truth, a panel a parameter and a point a galaxy', async t => {
  const page = join(folder, 'judged.html')
  await evaluate({ out: page })
  const [, panels = ''] = readFileSync(page, 'utf8').split('Estimates beside the truth')
  const shown = panels.slice(0, panels.indexOf('</section>')).split('<svg').slice(1)
  t.equal(shown.length, dwarfNames.length)
  for (const panel of shown) t.equal(panel.match(/<circle/g)?.length, 70)
  t.notMatch(panels, /outside the prior/)
})

t.test(
  'of many galaxies some are kept to look at, evenly; medians and 68% intervals are those of the draws',
  async t => {
    const recovery = makeRecovery(dwarfNames.length, 1000)
    const draws = Float64Array.from({ length: 6 * 101 }, (_, i) => (i % 6) + Math.floor(i / 6) / 100)
    for (let i = 0; i < 1000; i++) recovery.add([i, 0, 0, 0, 0, 0], draws, i % 2 === 1)
    const [first, second] = recovery.result()
    t.equal(first.truth.length, 200)
    t.same(first.truth.slice(0, 3), [0, 5, 10])
    t.ok(Math.abs(first.low[7] - 0.16) < 0.01 && Math.abs(first.high[7] - 0.84) < 0.01)
    t.ok(Math.abs(first.estimate[7] - 0.5) < 1e-9 && Math.abs(second.estimate[7] - 1.5) < 1e-9)
    const { truth, outside } = recoveredInside(first)
    t.same([truth.slice(0, 3), truth.length, outside.some(Boolean)], [[0, 10, 20], 100, false])
  },
)

t.test('galaxies outside the prior of the training are told apart', async t => {
  const narrow = priorWith({ gamma: [0.5, 2] })
  const { run: own } = await tinyRun(t.testdir({}), [], drawnDwarfs('narrow', 60, 20, narrow), narrow)
  const page = join(folder, 'narrow.html')
  const { inside, galaxies, metrics } = await evaluate({ run: own, out: page })
  t.match(readFileSync(page, 'utf8'), /equality\. Vermillion: galaxies outside the prior/)
  t.equal(galaxies, 70)
  t.ok(inside && inside.galaxies > 20 && inside.galaxies < 50, `${inside?.galaxies} of 70`)
  t.ok(Object.keys(inside?.metrics ?? {}).join() === Object.keys(metrics).join())
  t.not(inside?.metrics.rmse_gamma.value, metrics.rmse_gamma.value)
})

t.test('--galaxies takes the first ones; what would not be heard is refused', async t => {
  t.equal((await evaluate({ galaxies: 16 })).galaxies, 16)
  await t.rejects(evaluate({ resume: true }), { exitCode: 2, message: /without --resume/ })
  await t.rejects(evaluate({ preset: 'quick' }), { exitCode: 2, message: /got --preset quick/ })
  const measured = drawnDwarfs('measured', 3).map(dwarf => ({ ...dwarf, theta: {} }))
  const file = await writeGalaxies(join(folder, 'measured.h5'), measured)
  await t.rejects(evaluate({ data: [file] }), { exitCode: 3, message: /expected theta with gamma/ })
})

t.test('a galaxy with a single member is named by whatever reads it', async t => {
  const here = t.testdir({})
  const dwarfs = drawnDwarfs('lonely', 40).map((dwarf, galaxy) => ({
    ...dwarf,
    membership: Float32Array.from({ length: dwarf.stars }, (_, star) => (galaxy === 7 && star > 0 ? 0 : 1)),
  }))
  const path = await writeGalaxies(join(here, 'lonely.h5'), dwarfs)
  const refused = {
    exitCode: 3,
    message: /two member stars in .*lonely\.h5, galaxy 7; got .*add up to 1; omit this galaxy/,
  }
  await t.rejects(evaluate({ data: [path] }), refused)
  await t.rejects(trainDwarfs(trainOptions(path, join(here, 'run')), quietContext(makeKey(1))), refused)
  const asked = { ...common, run, index: 7, method: 'npe', n: 100, angle: 0.5 } as const
  await t.rejects(inferDwarf(path, asked, quietContext(makeKey(1))), refused)
})
