import { join } from 'node:path'
import t from 'tap'
import { type ArrayValue, makeKey, normal, periodicBox, type Tree, uniform } from '../../../core/index.js'
import { isArrayValue, makeTrainer, mapTree } from '../../../engine/index.js'
import type { Field } from '../../../io/galaxies/field.js'
import { galaxiesConfig } from '../../../pipelines/galaxies/config.js'
import { exampleMaker } from '../../../pipelines/galaxies/examples.js'
import { galaxiesLoss } from '../../../pipelines/galaxies/loss.js'
import { loadGalaxiesModel, noisePredictor } from '../../../pipelines/galaxies/model.js'
import { makeNetwork } from '../../../pipelines/galaxies/network.js'
import { sampleSize } from '../../../pipelines/galaxies/sampleSize.js'
import { validate } from '../../../pipelines/galaxies/validate.js'
import { quietContext } from '../../../pipelines/run/index.js'
import { fieldsIn, trainGalaxies, trainOptions, writeFields } from './tiny.js'

const side = 200
/** Networks begin at an output of zero; these parameters are all of some size. */
function everywhere(params: Tree<ArrayValue>): Tree<ArrayValue> {
  return mapTree(params, isArrayValue, ({ shape, values }) => {
    const noise = normal(makeKey(2).split(values.length), values.length)
    return { shape, values: noise.map((e, i) => values[i] + 0.2 * e) }
  })
}

const signal = new AbortController().signal

/** Couples of points, 40 to 60 of a field. */
function field(index: number): Field {
  const key = makeKey(7).split(index)
  const points = 40 + 4 * (index % 6)
  const positions = uniform(key, 3 * points)
  for (let i = 3; i < positions.length; i += 6)
    for (let a = 0; a < 3; a++) positions[i + a] = (positions[i + a - 3] + 0.02 * positions[i + a]) % 1
  return {
    points,
    positions: positions.map(u => Math.min(u * side, 199.99)),
    box: periodicBox(side),
    theta: { omega_m: 0.2 + 0.02 * index, sigma_8: 0.7 + 0.03 * (index % 4) },
  }
}

const fields = Array.from({ length: 9 }, (_, i) => field(i))
const folder = t.testdir({})
const data = join(folder, 'fields.h5')
await writeFields(data, fields, { seed: 0, points: 60 })
const run = join(folder, 'run')
const tiny = ['pairs.levels=4', 'network.width=8', 'network.layers=1', 'network.neighbours=4', 'train.steps=2']
const result = await trainGalaxies(trainOptions([data], run, tiny, 'quick'), quietContext(makeKey(0)))
const model = await loadGalaxiesModel(run)

t.test('fields of different size train, and the model knows how many halos it has seen', async t => {
  t.same(
    (await fieldsIn(data)).map(({ points }) => points),
    fields.map(({ points }) => points),
  )
  t.equal(result.fields.training + result.fields.validation, 9)
  t.ok(Number.isFinite(result.loss) && result.explained.every(({ total }) => Number.isFinite(total)))
  const { mean, min, max } = model.normalisation.points ?? { mean: 0, min: 0, max: 0 }
  const training = fields.filter((_, i) => !result.validation_rows.includes(i)).map(({ points }) => points)
  t.same([min, max], [Math.min(...training), Math.max(...training)])
  t.ok(Math.abs(mean - training.reduce((a, b) => a + b, 0) / training.length) < 1e-9)
  t.same(sampleSize(model, {}), { box: side, points: Math.round(mean) })
  t.same(sampleSize(model, { points: min }), { box: side, points: min }, 'any number that was seen')
  t.same(sampleSize(model, { box: 2 * side }), { box: 2 * side, points: Math.round(8 * mean) })
  t.throws(() => sampleSize(model, { points: 2 * max }), { name: 'UsageError' })
})

t.test(
  'padding is not seen: what is explained does not depend on it, with pairs and a network over graphs',
  async t => {
    for (const kind of ['egnn', 'gnn', 'transformer']) {
      const config = galaxiesConfig.parse({ network: { kind, width: 8, layers: 1, neighbours: 4, heads: 2 } })
      const network = makeNetwork(config, side, 2)
      if (!network) throw new Error('expected a network')
      const maker = exampleMaker({
        config,
        box: side,
        normalisation: model.normalisation,
        pairs: model.pairs,
        threads: 1,
      })
      const shares = []
      for (const points of [60, 77]) {
        const trainer = makeTrainer(galaxiesLoss(network, config, side), everywhere(network.init(makeKey(3))), {
          schedule: { peak: 1e-3, warmup: 1, steps: 2 },
          threads: 1,
        })
        const names = ['omega_m', 'sigma_8']
        const measured = await validate({
          fields: fields.slice(0, 2),
          levels: [3, 12],
          points,
          names,
          key: makeKey(5),
          maker,
          trainer,
          signal,
        })
        shares.push(measured)
        await trainer.close()
      }
      for (const [level, wide] of shares[1].entries()) {
        const exact = shares[0][level]
        t.equal(wide.pairs, exact.pairs, `${kind}, pairs alone`)
        t.ok(exact.network !== exact.pairs, 'the network says something')
        for (const name of ['network', 'gain'] as const)
          t.ok(
            Math.abs(wide[name] - exact[name]) < 1e-4 * (1 + Math.abs(exact[name])),
            `${kind}, ${name}: ${wide[name]}, ${exact[name]}`,
          )
      }
      await maker.close()
    }
  },
)

t.test('the score of few points is that of few points: it does not know how many the file had room for', async t => {
  const [small] = fields
  const predict = await noisePredictor(model, small.theta, small.points, { threads: 1 })
  const noise = await predict(small.positions, 5)
  t.equal(noise.length, 3 * small.points)
  t.ok(noise.every(Number.isFinite) && noise.some(e => e !== 0))
})
