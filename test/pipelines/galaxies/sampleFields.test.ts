import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Interrupted, makeKey, normal, periodicBox, uniform } from '../../../core/index.js'
import type { Field } from '../../../io/galaxies/field.js'
import { loadGalaxiesModel } from '../../../pipelines/galaxies/model.js'
import { drawnThetas } from '../../../pipelines/galaxies/sampleTheta.js'
import { quietContext, type RunContext } from '../../../pipelines/run/index.js'
import { fieldsIn, sampleGalaxies, sampleOptions, trainGalaxies, trainOptions, writeFields } from './tiny.js'

const side = 300
const points = 300
/** ln n falls by one every so many decades of mass: the number above any mass is known. */
const scale = 0.2

/**
 * The heaviest 300 halos of an exponential mass function that a parameter shifts; positions and velocities of no
 * meaning.
 */
function field(index: number, withMasses = true): Field {
  const key = makeKey(40).split(index)
  const theta = { omega_b: 0.04 + 0.001 * index, shift: 0.02 * ((index * 5) % 12) }
  return {
    points,
    positions: uniform(key.split('x'), 3 * points).map(u => Math.min(u * side, 299.99)),
    ...(withMasses && {
      velocities: normal(key.split('v'), 3 * points).map(v => 300 * v),
      logMass: uniform(key.split('m'), points)
        .map(u => 14 + theta.shift - scale * Math.log(u))
        .sort()
        .reverse(),
    }),
    box: periodicBox(side),
    theta,
  }
}

const folder = t.testdir({})
const [run, plain] = [join(folder, 'run'), join(folder, 'plain')]
for (const [out, masses, fields] of [
  [run, true, 12],
  // Of positions alone only the refusals are asked.
  [plain, false, 4],
] as const) {
  const data = join(folder, `${masses}.h5`)
  await writeFields(
    data,
    Array.from({ length: fields }, (_, i) => field(i, masses)),
    { seed: 0 },
  )
  await trainGalaxies(trainOptions([data], out, ['pairs.levels=4']), quietContext(makeKey(0)))
}

/** Draws with these options; the fields and what --json would say. */
async function draw(
  name: string,
  changes: Parameters<typeof sampleOptions>[2],
  context: Partial<RunContext> = {},
): Promise<{ fields: Field[]; json: Readonly<Record<string, unknown>> }> {
  const out = join(folder, name)
  let json = {}
  const options = sampleOptions(run, out, changes)
  await sampleGalaxies(options, quietContext(makeKey(options.seed), { json: result => (json = result), ...context }))
  return { fields: await fieldsIn(out), json }
}

const descends = (values: Float32Array) => values.every((m, i) => i === 0 || m <= values[i - 1])

t.test(
  'masses and velocities come with the positions, heaviest first; a field is as large as the volume wants',
  async t => {
    t.ok((await loadGalaxiesModel(run)).marks)
    t.notOk((await loadGalaxiesModel(plain)).marks)
    for (const [name, changes, count] of [
      ['box.h5', {}, 300],
      ['small.h5', { box: 240, n: 1, steps: 1 }, Math.round(300 * 0.8 ** 3)],
      ['large.h5', { box: 600, n: 1, steps: 1 }, 2400],
    ] as const) {
      const { fields, json } = await draw(name, changes)
      for (const one of fields) {
        const box = (changes as { box?: number }).box ?? side
        t.match(one, { points: count, box: periodicBox(box) })
        t.ok(one.positions.every(x => x >= 0 && x < box))
        t.ok(one.logMass && descends(one.logMass), name)
        const rms = Math.sqrt(Array.from(one.velocities ?? []).reduce((sum, v) => sum + v * v, 0) / (3 * count))
        t.ok(Math.abs(rms / 300 - 1) < 0.15, `rms ${rms} km/s`)
      }
      t.match(json, { points: [count, count] })
    }
  },
)

t.test('--points below the model: the heaviest of the same field', async t => {
  const all = await fieldsIn(join(folder, 'box.h5'))
  const few = await draw('few.h5', { points: 100 })
  for (const [i, one] of few.fields.entries()) {
    t.equal(one.points, 100)
    t.same(one.positions, all[i].positions.slice(0, 300))
    t.same(one.logMass, all[i].logMass?.slice(0, 100))
  }
})

t.test('--log-mass-min: every mass above it, and as many halos as the mass function has', async t => {
  const box = 2 * side
  const { fields, json } = await draw('above.h5', { box, n: 3, logMassMin: 14.4, steps: 1, omegaB: 0.047 })
  const counts = fields.map(one => one.points)
  t.ok(new Set(counts).size > 1, 'one file holds fields of different size')
  t.same(json.points, [Math.min(...counts), Math.max(...counts)])
  let [expected, variance] = [0, 0]
  for (const one of fields) {
    t.ok(one.logMass?.every(m => m >= Math.fround(14.4)) && descends(one.logMass))
    t.equal(one.velocities?.length, 3 * one.points)
    const mean = 300 * (box / side) ** 3 * Math.exp(-(14.4 - 14 - one.theta.shift) / scale)
    expected += mean
    variance += mean + (0.1 * mean) ** 2
  }
  const found = counts.reduce((a, b) => a + b, 0)
  // the mass function is known from twelve fields: to some per cent
  const error = Math.sqrt(variance + (0.06 * expected) ** 2)
  t.ok(Math.abs(found - expected) < 3.5 * error, `${found} halos, expected ${expected} +- ${error}`)
})

t.test('what the model does not know is refused with the figure that it does', async t => {
  const refused = (changes: Parameters<typeof sampleOptions>[2], message: RegExp, from = run) =>
    t.rejects(sampleGalaxies(sampleOptions(from, join(folder, 'no.h5'), changes), quietContext(makeKey(0))), {
      name: 'UsageError',
      message,
    })
  await refused({ logMassMin: 14 }, /--log-mass-min 14\.[12]\d* or more .*got 14;/)
  await refused({ logMassMin: 17 }, /--log-mass-min below 14\.[678]\d* .*10 halos.*got 17;/)
  await refused({ logMassMin: 14.4, points: 100 }, /one of --points and --log-mass-min; got both/)
  await refused({ logMassMin: 14.4 }, /a model of masses.*; got one of positions alone/, plain)
  await refused({ points: 400 }, /--points 300 \(285 to 315\).*got 400; draw fewer/)
  await refused({ points: 200 }, /--points 300 \(285 to 315\).*got 200; draw more/, plain)
  await refused({ box: 200 }, /--box of at least 240 Mpc\/h, .*; got 200/)
  await refused({ box: 40 }, /--box of more than 48 Mpc\/h, .*; got 40/, plain)
  await refused({ set: ['train.steps=3'] }, /no settings.*got --set train\.steps=3/)
  await refused({ preset: 'quick' }, /no settings.*got --preset quick/)
  await refused({ config: 'c.json' }, /no settings.*got --config c\.json/)
  t.notOk(existsSync(join(folder, 'no.h5')))
})

t.test(
  'parameters not named are drawn from the range of the design, a draw a field; the drawn theta is written',
  async t => {
    const n = 6
    const model = await loadGalaxiesModel(run)
    const key = makeKey(0).split('theta')
    const drawn = (named: Record<string, number>, rest = false) =>
      drawnThetas(model, { named, fiducialRest: rest, n }, key)
    const none = drawn({})
    for (const [i, theta] of drawn({ omega_b: 0.047 }).entries()) {
      t.same(theta, { omega_b: 0.047, shift: none[i].shift }, 'naming one parameter leaves the draws of the others')
      t.ok(none[i].omega_b > 0.038 && none[i].omega_b < 0.053 && theta.shift > -0.03 && theta.shift < 0.25)
    }
    t.same(drawn({ omega_b: 0.047, shift: 0.1 }), Array(n).fill({ omega_b: 0.047, shift: 0.1 }))
    for (const name of ['omega_b', 'shift']) t.equal(new Set(none.map(theta => theta[name])).size, n)
    const rest = drawn({}, true).map((theta, i) => [theta.omega_b, theta.shift - none[i].shift])
    t.same(rest, Array(n).fill([0.049, 0]), 'at fiducial, where there is one')
    t.throws(() => drawn({ sigma_8: 0.8 }), { message: /parameters among omega_b, shift; got sigma_8/ })
    const { fields } = await draw('named.h5', { n: 3, steps: 1, omegaB: 0.047 })
    t.same(
      fields.map(({ theta }) => theta),
      drawn({ omega_b: 0.047 }).slice(0, 3),
    )
  },
)

t.test('an interrupted draw leaves no file, and --resume ends in the datasets of an uninterrupted one', async t => {
  const here = t.testdir({})
  const changes = { n: 4, steps: 2, logMassMin: 14.4 }
  const whole = (await draw('whole.h5', changes)).fields
  const out = join(here, 'drawn.h5')
  const controller = new AbortController()
  let done = 0
  const progress = () => ({
    advance: (more = 1) => {
      done += more
      if (done === 2) controller.abort(new Interrupted('expected to finish', 'got SIGINT', 'go on'))
    },
    stop: () => {},
  })
  const begun = sampleGalaxies(
    sampleOptions(run, out, changes),
    quietContext(makeKey(0), { progress, signal: controller.signal }),
  )
  await t.rejects(begun, { name: 'Interrupted' })
  t.same(readdirSync(here), ['drawn.h5.part'])
  t.equal(readdirSync(join(here, 'drawn.h5.part')).filter(name => name.endsWith('.safetensors')).length, 2)
  const resume = (more: Parameters<typeof sampleOptions>[2]) =>
    sampleGalaxies(sampleOptions(run, out, { ...changes, ...more }), quietContext(makeKey(0)))
  await t.rejects(resume({}), { message: /no unfinished run.*--resume/ })
  await t.rejects(resume({ resume: true, steps: 5 }), { message: /the steps 2 of the run to be resumed; got 5/ })
  t.same(readdirSync(here), ['drawn.h5.part'], 'a refusal takes nothing away')
  await resume({ resume: true })
  t.same(readdirSync(here), ['drawn.h5'])
  t.same(await fieldsIn(out), whole)
  await resume({ resume: true })
  t.same(await fieldsIn(out), whole, 'nothing left to do')
})
