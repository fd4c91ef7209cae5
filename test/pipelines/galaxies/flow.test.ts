import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { makeKey, normal, periodicBox, uniform, wrap } from '../../../core/index.js'
import type { Field } from '../../../io/galaxies/field.js'
import { drawFields } from '../../../pipelines/galaxies/draw.js'
import { loadGalaxiesModel } from '../../../pipelines/galaxies/model.js'
import { quietContext } from '../../../pipelines/run/index.js'
import { correlationFunction } from '../../../statistics/index.js'
import { trainGalaxies, trainOptions, writeFields } from './tiny.js'

const side = 200

/** Clusters of four points about centres at random. */
function clusters(seed: number): Field {
  const key = makeKey(seed).split('clusters')
  const centres = uniform(key.split('centres'), 150)
  const offsets = normal(key.split('offsets'), 600)
  const positions = offsets.map((offset, i) =>
    wrap(side * centres[3 * Math.floor(i / 12) + (i % 3)] + 5 * offset, side),
  )
  return {
    points: 200,
    positions: Float32Array.from(positions, x => (x < Math.fround(side) ? x : 0)),
    box: periodicBox(side),
    theta: { a: 1 + (seed % 3) },
  }
}

const folder = t.testdir({})
const data = join(folder, 'fields.h5')
await writeFields(
  data,
  Array.from({ length: 10 }, (_, i) => clusters(i)),
  { seed: 0 },
)
const settings = ['pairs.levels=4', 'noise.sigmaMin=1.5', 'noise.sigmaMaxOverBox=0.15', 'pairs.gated=false']
const network = ['network.kind=egnn', 'network.width=8', 'network.layers=1', 'network.neighbours=6', 'train.steps=4']

for (const [name, more] of Object.entries({
  matched: ['flow.matching=matched'],
  'random, with a network that looks around': [
    'flow.matching=random',
    'noise.sigmaMaxOverBox=0.5',
    ...network,
    'network.surroundings=true',
  ],
}))
  t.test(`flow matching end to end, points ${name}`, async t => {
    const run = join(folder, name.replaceAll(/\W/g, ''))
    const all = [...settings, ...more]
    await trainGalaxies({ ...trainOptions([data], run, all), objective: 'flow-matching' }, quietContext(makeKey(0)))
    const written = JSON.parse(readFileSync(join(run, 'config.json'), 'utf8'))
    t.match(JSON.stringify(written), /"objective":"flow-matching"/, 'the objective is recorded with the run')
    t.equal((await loadGalaxiesModel(run)).config.objective, 'flow-matching')
    const draw = async (sampler: 'heun' | 'ancestral', fields: number) => {
      const request = {
        run,
        box: side,
        thetas: Array.from({ length: fields }, () => ({ a: 2 })),
        points: 200,
        sampler,
        steps: 9,
        threads: 1,
        device: 'cpu' as const,
        key: makeKey(5),
        label: '',
      }
      return drawFields(request, quietContext(makeKey(5)))
    }
    const { fields, evaluations } = await draw('heun', 5)
    t.equal(evaluations, 9, 'five steps of Heun, the last of Euler')
    t.ok(fields.every(({ positions }) => positions.every(x => x >= 0 && x < side)))
    const xi = fields.map(field => correlationFunction(field.positions, field.box, [2, 8])[0])
    const mean = xi.reduce((a, b) => a + b) / xi.length
    const error = Math.sqrt(xi.reduce((sum, x) => sum + (x - mean) ** 2, 0) / xi.length / (xi.length - 1))
    t.ok(mean > 5 * error && mean > 0.5, `clustered: xi ${mean} +- ${error}`)
    t.equal((await draw('ancestral', 1)).evaluations, 9, 'a stochastic sampler goes by Euler')
  })
