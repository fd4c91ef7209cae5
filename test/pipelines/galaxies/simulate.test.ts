import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Interrupted, makeKey } from '../../../core/index.js'
import type { SimulateOptions } from '../../../pipelines/galaxies/simulate.js'
import { quietContext } from '../../../pipelines/run/context.js'
import { fieldsIn, simulateGalaxies } from './tiny.js'

// some ten seconds alone, more beside others
t.setTimeout(120_000)

const optionsFor = (out: string, changes: Partial<SimulateOptions> = {}): SimulateOptions => ({
  ...{
    out,
    n: 4,
    design: 'quijote',
    points: 60,
    box: 100,
    grid: 20,
    resume: false,
    seed: 1,
    threads: 1,
    device: 'cpu',
  },
  ...{ extrapolate: false, set: [], json: false, quiet: true, verbose: false, force: false },
  ...changes,
})

/** Interrupted after so many fields. */
function interruptedAfter(fields: number) {
  const controller = new AbortController()
  let done = -1
  const advance = (more = 1) => {
    done += more
    if (done >= fields) controller.abort(new Interrupted('expected to finish', 'got a signal', 'go on with --resume'))
  }
  // the first call tells of fields that were there before
  return quietContext(makeKey(1), {
    signal: controller.signal,
    progress: () => ({ advance: n => advance(n ?? 1), stop: () => {} }),
  })
}

t.test('an interrupted run and its resumption end in the datasets of an uninterrupted one', async t => {
  const folder = t.testdir({})
  const [whole, parts] = [join(folder, 'whole.h5'), join(folder, 'parts.h5')]
  await simulateGalaxies(optionsFor(whole, { threads: 2 }), quietContext(makeKey(1)))
  await t.rejects(simulateGalaxies(optionsFor(parts), interruptedAfter(1)), Interrupted)
  t.notOk(existsSync(parts), 'nothing at --out')
  const left = readdirSync(`${parts}.part`).filter(name => name.endsWith('.safetensors'))
  t.ok(left.length >= 1 && left.length < 4, `${left.length} fields are done`)
  await t.rejects(
    simulateGalaxies(optionsFor(parts), quietContext(makeKey(1))),
    /expected no unfinished run .* by --resume/,
  )
  const other = optionsFor(parts, { resume: true, box: 120 })
  await t.rejects(
    simulateGalaxies(other, quietContext(makeKey(1))),
    /expected the box 100 of the run to be resumed; got 120/,
  )
  const designed = optionsFor(parts, { resume: true, omegaM: 0.3, sigma8: 0.8 })
  await t.rejects(simulateGalaxies(designed, quietContext(makeKey(1))), /expected the cosmologies of the run/)
  await simulateGalaxies(optionsFor(parts, { resume: true }), quietContext(makeKey(1)))
  t.same(await fieldsIn(parts), await fieldsIn(whole))
  t.same(readdirSync(folder).sort(), ['parts.h5', 'whole.h5'], 'and the folder of finished fields is gone')
  await simulateGalaxies(optionsFor(parts, { resume: true }), quietContext(makeKey(1)))
  t.same(await fieldsIn(parts), await fieldsIn(whole), 'nothing left to do')
})

t.test('one cosmology by name, and fewer halos than points', async t => {
  const out = join(t.testdir({}), 'f.h5')
  const named = { omegaM: 0.3, sigma8: 0.8, omegaB: 0.05, h: 0.7, nS: 0.95, n: 1, points: 4000 }
  await simulateGalaxies(optionsFor(out, { ...named, threads: 2 }), quietContext(makeKey(1)))
  const [field] = await fieldsIn(out)
  t.same(field.theta, { omega_m: 0.3, omega_b: 0.05, h: 0.7, n_s: 0.95, sigma_8: 0.8 })
  t.ok(field.points > 10 && field.points < 4000, 'the rest is masked')
  const half = optionsFor(`${out}2`, { omegaB: 0.05 })
  await t.rejects(simulateGalaxies(half, quietContext(makeKey(1))), /--omega-m and --sigma-8/)
})
