import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { makeKey, periodicBox, uniform } from '../../../core/index.js'
import type { Field } from '../../../io/galaxies/field.js'
import { loadGalaxiesModel, saveNetwork } from '../../../pipelines/galaxies/model.js'
import { quietContext } from '../../../pipelines/run/index.js'
import { shippedRun } from '../../../pipelines/run/shipped.js'
import { correlationFunction, overFields } from '../../../statistics/index.js'
import { fieldsIn, sampleGalaxies, sampleOptions, trainGalaxies, trainOptions, writeFields } from './tiny.js'

t.setTimeout(230_000)

const folder = t.testdir({})

t.test('a run with a ladder draws by it, unless told otherwise or given too few evaluations', async t => {
  const side = 400
  const data = join(folder, 'data.h5')
  const fields = Array.from({ length: 8 }, (_, i) => {
    const positions = uniform(makeKey(i), 200 * 3).map(u => u * side)
    return { points: 200, positions, box: periodicBox(side), theta: { omega_m: 0.2 + 0.02 * i } }
  })
  await writeFields(data, fields, { seed: 0 })
  const run = join(folder, 'run')
  const set = ['pairs.levels=4', 'ladder.rungs=6']
  await trainGalaxies(trainOptions([data], run, set, 'ladder'), quietContext(makeKey(0)))
  const model = await loadGalaxiesModel(run)
  t.equal(model.ladder?.ladder.rungs.length, 6)
  t.match(readFileSync(join(run, 'model-card.md'), 'utf8'), /ladder of 6 rungs/)

  const evaluations = async (name: string, changes: Parameters<typeof sampleOptions>[2]) => {
    let result: Readonly<Record<string, unknown>> = {}
    const options = sampleOptions(run, join(folder, name), { n: 1, sampler: undefined, ...changes })
    await sampleGalaxies(options, quietContext(makeKey(0), { json: json => (result = json) }))
    const [field] = await fieldsIn(join(folder, name))
    t.ok(
      field.positions.every(x => x >= 0 && x < side),
      `${name}: positions in the box`,
    )
    return result.evaluations
  }
  t.equal(await evaluations('ladder.h5', { steps: 32 }), 6)
  t.equal(await evaluations('few.h5', { steps: 5 }), 5)
  t.equal(await evaluations('named.h5', { steps: 32, sampler: 'ddim' }), 32)
  await t.rejects(evaluations('no.h5', { steps: 5, sampler: 'ladder' }), /--steps of at least 6/)
  await t.rejects(
    trainGalaxies(
      trainOptions([data], join(folder, 'bad'), ['ladder.use=true', 'pairs.use=false'], 'network'),
      quietContext(makeKey(0)),
    ),
    /pairs.use=true .* with ladder.use=true/,
  )
  t.notOk(existsSync(join(folder, 'bad')), 'and nothing is left behind')
})

const fiducialFile = '../shared/data/cosmology/halos/fiducial.h5'
const shipped = shippedRun('galaxies')
const why =
  shipped === undefined ? 'none ships yet' : existsSync(fiducialFile) ? false : 'no ../shared/data beside the checkout'

/** A copy of a run that draws the same positions without masses and velocities, which take a third of the time. */
async function positionsAlone(run: string): Promise<string> {
  const copy = join(folder, 'positions-alone')
  cpSync(run, copy, { recursive: true })
  saveNetwork(join(copy, 'model.safetensors'), { ...(await loadGalaxiesModel(run)), marks: undefined })
  rmSync(join(copy, 'marks.safetensors'))
  return copy
}

t.test('the shipped model draws fields at fiducial that cluster as simulated ones do', { skip: why }, async t => {
  const simulated = await fieldsIn(fiducialFile)
  const out = join(folder, 'fiducial.h5')
  const options = sampleOptions(await positionsAlone(shipped ?? ''), out, {
    n: 32,
    steps: 32,
    threads: 2,
    sampler: undefined,
    omegaM: 0.3175,
    sigma8: 0.834,
    fiducialRest: true,
  })
  await sampleGalaxies(options, quietContext(makeKey(5)))
  const drawn = await fieldsIn(out)
  const edges = [8, 12, 18, 25, 35, 50]
  const xiOf = (fields: readonly Field[]) =>
    overFields(fields.map(field => correlationFunction(field.positions, field.box, edges)))
  const [ours, theirs] = [xiOf(drawn), xiOf(simulated)]
  edges.slice(1).forEach((to, b) => {
    const error = Math.hypot(ours.standardError[b], theirs.standardError[b]) / theirs.mean[b]
    const off = ours.mean[b] / theirs.mean[b] - 1
    t.ok(
      Math.abs(off) < Math.max(0.1, 3 * error),
      `xi in ${edges[b]}-${to}: ${ours.mean[b]} drawn, ${theirs.mean[b]} simulated`,
    )
  })
})
