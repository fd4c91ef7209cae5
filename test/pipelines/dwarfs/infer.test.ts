import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { makeKey } from '../../../core/index.js'
import { openArrow } from '../../../io/arrow/index.js'
import { openHdf5, readNumbers } from '../../../io/hdf5/index.js'
import type { InferOptions } from '../../../pipelines/dwarfs/infer.js'
import { observedGalaxy } from '../../../pipelines/dwarfs/observedGalaxy.js'
import { quietContext } from '../../../pipelines/run/context.js'
import { dwarfNames, dwarfPrior } from '../../../simulators/dwarfs/index.js'
import { common } from '../common.js'
import { drawnDwarfs, inferDwarf, saidBy, tinyRun, writeGalaxies } from './tiny.js'

t.setTimeout(240_000)

interface Said {
  readonly parameters: Record<string, Record<string, number>>
  readonly derived: Record<string, Record<string, number>>
  readonly diagnostics: Record<string, number>
  readonly galaxy: { readonly stars: number; readonly distance: number | null; readonly distance_error?: number[] }
  readonly unusual?: { readonly share: number; readonly distance: number; readonly flagged: boolean }
  readonly warnings: readonly string[]
  readonly notes: readonly string[]
  readonly n: number
}

const folder = t.testdir({
  'narrow.json': '{"gamma": {"normal": [0.9, 0.15]}, "log10_rho_0": {"uniform": [6, 7.5]}}',
  'wide.json': '{"beta_0": {"uniform": [-0.5, 0.5]}}',
  'elsewhere.json': '{"gamma": {"uniform": [4, 5]}}',
})
const { run } = await tinyRun(folder)
const [first, second] = drawnDwarfs('given', 2)
const two = await writeGalaxies(join(folder, 'two.h5'), [first, second])
const options: InferOptions = { ...common, run, index: 0, method: 'npe', n: 400, angle: 0.5 }
const infer = (path: string, changes: Partial<InferOptions> = {}) =>
  saidBy<Said>(context => inferDwarf(path, { ...options, ...changes }, context))

/** The stars of `dwarf` as a table, about (0, 0) in kpc or on the sky at a distance of 100 kpc. */
function csv({ stars, positions, velocities, velocityErrors }: typeof first, where: 'plane' | 'sky'): string {
  const degrees = (kpc: number) => (Math.atan(kpc / 100) * 180) / Math.PI
  const rows = Array.from({ length: stars }, (_, i) => {
    const [x, y] = [positions[2 * i], positions[2 * i + 1]]
    const place = where === 'plane' ? [x, y] : [40 + degrees(x), degrees(y)]
    return [...place, 55 + velocities[i], velocityErrors[i]].join()
  })
  return [where === 'plane' ? 'x,y,v_los,v_err' : 'ra,dec,v_los,v_err', ...rows].join('\n')
}

t.test('a galaxy of a file: parameters, what follows from them and what to believe', async t => {
  const { parameters, derived, diagnostics, galaxy, unusual, n } = await infer(two)
  t.same(Object.keys(parameters), dwarfNames)
  for (const [name, summary] of Object.entries(parameters)) {
    t.same(Object.keys(summary), ['mean', 'sd', 'q05', 'q16', 'q50', 'q84', 'q95'])
    const { mean, sd, q05, q16, q50, q84, q95 } = summary
    t.ok(q05 < q16 && q16 < q50 && q50 < q84 && q84 < q95 && sd > 0 && q05 < mean && mean < q95, name)
  }
  t.ok(parameters.gamma.q05 >= dwarfPrior.gamma[0] && parameters.gamma.q95 <= dwarfPrior.gamma[1])
  t.match(diagnostics, { ess: 400, acceptance: 1 })
  t.ok(diagnostics.rhat > 0.98 && diagnostics.rhat < 1.1)
  t.same(Object.keys(derived).slice(0, 3), ['v_max', 'r_max', 'rho_150'])
  t.match(galaxy, { stars: first.stars, distance: null })
  t.ok(unusual && unusual.share > 0 && !unusual.flagged, 'simulated like the others')
  t.equal(n, 400)
})

t.test('the row that was asked for is told; the same seed says the same', async t => {
  const [again, other] = [await infer(two), await infer(two, { index: 1 })]
  t.same(again.parameters, (await infer(two)).parameters)
  t.notSame(again.parameters, other.parameters)
  await t.rejects(infer(two, { index: 2 }), { exitCode: 2, message: /--index from 0 to 1 in .*two\.h5; got 2/ })
})

t.test('a table in kpc and one in degrees are the galaxy of the file, up to its systemic velocity', async t => {
  const [plane, sky] = (['plane', 'sky'] as const).map(where => join(folder, `${where}.csv`))
  writeFileSync(plane, csv(first, 'plane'))
  writeFileSync(sky, csv(first, 'sky'))
  const [file, onPlane] = [await infer(two), await infer(plane, { distance: 100 })]
  for (const name of dwarfNames) {
    t.ok(Math.abs(file.parameters[name].q50 - onPlane.parameters[name].q50) < 0.02, name)
  }
  t.equal(onPlane.galaxy.distance, 100)
  t.ok(onPlane.derived.log10_j.q50 > 10, 'with a distance there are J and D')
  t.ok('log10_d' in onPlane.derived && !('log10_j' in file.derived))
  await t.rejects(infer(sky), { exitCode: 2, message: /distance .*--distance KPC, or --galaxy NAME/ })
  const onSky = await infer(sky, { distance: 100 })
  // The centre is found from twenty stars here and known there.
  t.ok(Math.abs(onSky.parameters.log10_r_star.q50 - file.parameters.log10_r_star.q50) < 0.3)
  await t.rejects(infer(plane, { galaxy: 'Fronax' }), { exitCode: 2, message: /did you mean Fornax\?/ })
})

t.test('the error of a known distance is in J and D, and in the words beside them', async t => {
  const sky = join(folder, 'known.csv')
  // Around the centre of Draco, dec 57.9
  writeFileSync(
    sky,
    csv(first, 'sky')
      .split('\n')
      .map((line, i) =>
        i === 0
          ? line
          : line.replace(/^([^,]*),([^,]*)/, (_, ra, dec) => `${220.07 + Number(ra)},${57.9 + Number(dec)}`),
      )
      .join('\n'),
  )
  const known = await infer(sky, { galaxy: 'Draco' })
  t.match(known.notes.join(), /J and D hold the error of the distance, [\d.]+ -[\d.]+ \+[\d.]+ kpc: .*inverse cube/)
  const [minus, plus] = known.galaxy.distance_error ?? []
  t.ok(minus > 0 && plus > 0)
  const given = (path: string, changes: Partial<InferOptions>) =>
    observedGalaxy(path, { ...options, ...changes }, new AbortController().signal)
  t.equal(
    (await given(sky, { galaxy: 'Draco', distance: 81.5 })).uncertainDistance,
    undefined,
    'of one’s own no error is known',
  )
  t.match((await given(two, { galaxy: 'Draco' })).uncertainDistance, { minus, plus, places: 'kpc' })
})

t.test('stars of another kind are flagged, and fewer than in the training told of', async t => {
  const broken = {
    ...first,
    velocities: first.velocities.map(v => 3000 * v),
    positions: first.positions.map(x => 1e-3 * x),
  }
  const odd = await infer(await writeGalaxies(join(folder, 'odd.h5'), [broken]))
  t.ok(odd.unusual?.flagged && odd.unusual.share < 0.06, `${odd.unusual?.share} are farther out`)
  t.match(
    odd.warnings.join(),
    /lies outside what the model was trained on: .*of about as many stars.*; compare --method jeans/,
  )
  const few = drawnDwarfs('few', 1, 5)
  t.match(
    (await infer(await writeGalaxies(join(folder, 'few.h5'), few))).warnings.join(),
    /trained on galaxies of 10 to 20/,
  )
})

t.test('a prior of one’s own moves the draws, and is refused where it leaves none', async t => {
  const [before, after] = [await infer(two), await infer(two, { prior: join(folder, 'narrow.json') })]
  t.ok(after.parameters.gamma.sd < before.parameters.gamma.sd && Math.abs(after.parameters.gamma.mean - 0.9) < 0.2)
  t.ok(after.parameters.log10_rho_0.q05 >= 6 && after.parameters.log10_rho_0.q95 <= 7.5)
  t.ok(after.diagnostics.ess > 2 && after.diagnostics.ess < 400)
  t.equal(after.n, 400)
  const wide = await infer(two, { prior: join(folder, 'wide.json'), out: join(folder, 'under.h5') })
  t.match(wide.warnings[0], /--prior reaches over beta_0 from -0.5 to 0.5, and the draws were made for -0.5 to 0:/)
  const file = await openHdf5(join(folder, 'under.h5'))
  t.same(JSON.parse(String(file.attribute('prior'))), { beta_0: { uniform: [-0.5, 0.5] } })
  file.close()
  await t.rejects(infer(two, { prior: join(folder, 'elsewhere.json') }), {
    exitCode: 2,
    message: /a prior that meets the posterior; got one that leaves 0\.0 of 400 draws/,
  })
})

t.test('draws are written as HDF5, Arrow and csv, the same in each', async t => {
  const at = (name: string) => join(folder, name)
  const { parameters } = await infer(two, { out: at('draws.h5') })
  for (const name of ['draws.arrow', 'draws.csv']) await infer(two, { out: at(name), force: true })
  const file = await openHdf5(at('draws.h5'))
  t.same(file.attribute('names', '/draws'), dwarfNames)
  const draws = await readNumbers(file, '/draws')
  const logProb = await readNumbers(file, '/log_prob')
  t.same([draws.length, logProb.length], [2400, 400])
  file.close()
  const gamma = Array.from({ length: 400 }, (_, i) => Number(draws[6 * i]))
  t.ok(Math.abs(gamma.reduce((a, b) => a + b) / 400 - parameters.gamma.mean) < 1e-9)
  const lines = readFileSync(at('draws.csv'), 'utf8').trim().split('\n')
  t.match(lines[0], /^gamma,log10_r_s,log10_rho_0,log10_r_star,beta_0,log10_r_a,log_prob,v_max/)
  t.ok(lines.slice(1).every((line, i) => Math.abs(Number(line.split(',')[0]) - gamma[i]) < 1e-9))
  const arrow = openArrow(at('draws.arrow'))
  t.equal(arrow.rows, 400)
  t.ok(arrow.columns.some(({ name }) => name === 'draws'))
  arrow.close()
  await t.rejects(infer(two, { out: at('draws.h5') }), { exitCode: 2, message: /expected --out to be new/ })
  await t.rejects(infer(two, { out: at('words.txt') }), { exitCode: 2, message: /end in \.h5, \.arrow or \.csv/ })
  t.notOk(existsSync(at('words.txt')) || existsSync(at('words.html')))
})

t.test('options that would be given and not heard are refused', async t => {
  const refused: readonly [Partial<InferOptions>, RegExp][] = [
    [{ resume: true }, /without --resume/],
    [{ set: ['train.steps=3'] }, /no settings of training/],
    [{ method: 'jeans' }, /--run with a trained network; got it with --method jeans/],
    [{ run: join(folder, 'nowhere') }, /a run folder with/],
    [{ angle: 0 }, /an angle between 0 and 90/],
    [{ distance: -5 }, /distance/],
  ]
  for (const [changes, message] of refused) {
    const asked = inferDwarf(two, { ...options, ...changes }, quietContext(makeKey(1)))
    await t.rejects(asked, { exitCode: 2, message }, JSON.stringify(changes))
  }
})
