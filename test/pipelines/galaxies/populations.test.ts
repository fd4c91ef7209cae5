import t from 'tap'
import { makeKey, normal, periodicBox, uniform } from '../../../core/index.js'
import type { Field } from '../../../io/galaxies/field.js'
import { classifyAll } from '../../../pipelines/galaxies/classify.js'
import { groupingsOf, judge } from '../../../pipelines/galaxies/populations.js'
import { quietContext } from '../../../pipelines/run/index.js'
import { fiducial } from '../../../simulators/index.js'
import { fieldStatistics, statisticsFor, triangleShells } from '../../../statistics/index.js'

/** A small field of uniform points. */
function fieldOf(seed: number, theta: Field['theta'], changes: Partial<Field> = {}): Field {
  const key = makeKey(seed)
  const points = 60
  return { points, positions: uniform(key, 3 * points).map(u => 200 * u), box: periodicBox(200), theta, ...changes }
}
const many = (count: number, from: number, theta: Field['theta'], changes: Partial<Field> = {}) =>
  Array.from({ length: count }, (_, i) => fieldOf(from + i, theta, changes))
const thetaAt = (i: number) => ({ omega_m: 0.2 + i / 50, sigma_8: 0.8 })

t.test('a cosmology simulated four times is judged alone, the others on average, the unpaired not at all', async t => {
  const references = [
    ...many(4, 0, fiducial),
    ...[0, 1, 2].map(i => fieldOf(100 + i, thetaAt(i))),
    fieldOf(200, thetaAt(9)),
  ]
  const samples = [
    ...[2, 1, 0].map(i => fieldOf(300 + i, thetaAt(i))),
    ...many(6, 400, fiducial),
    fieldOf(500, { omega_m: 0.5, sigma_8: 0.6 }),
  ]
  const groupings = groupingsOf(samples, references)
  t.same(
    groupings.map(({ name, cosmologies }) => [name, cosmologies.length]),
    [
      ['fiducial', 1],
      ['3 cosmologies', 3],
    ],
  )
  for (const { samples: drawn, references: simulated } of groupings[1].cosmologies)
    t.same(drawn[0].theta, simulated[0].theta)
  t.same(groupingsOf(samples.slice(-1), references), [], 'no partner, no grouping')
  t.equal(groupingsOf(many(1, 1, thetaAt(3)), many(2, 5, thetaAt(3)))[0].name, 'omega_m 0.2600, sigma_8 0.8000')

  const options = statisticsFor([...samples, ...references], {
    knnGrid: 4,
    triangles: triangleShells(periodicBox(200), 2),
  })
  const [alone, average] = groupings.map(grouping => judge(grouping, field => fieldStatistics(field, options, true)))
  t.match(alone, { name: 'fiducial', cosmologies: 1, fields: { drawn: 6, simulated: 4 }, each: [], response: [] })
  t.equal(alone.curves.xi.scatter_from, 'fields')
  t.match(average, { cosmologies: 3, fields: { drawn: 3, simulated: 3 } })
  t.same(
    average.each.map(({ theta }) => theta.omega_m).sort(),
    [0, 1, 2].map(i => thetaAt(i).omega_m),
  )
  t.equal(average.curves.xi.scatter_from, 'own')
  t.same(Object.keys(average.summary), Object.keys(average.curves))
})

t.test(
  'classifiers: with four pairs and more; halves of eight simulated fields; all channels where both sides have them',
  async t => {
    const marks = (seed: number) => ({
      velocities: normal(makeKey(seed).split('v'), 180).map(v => 300 * v),
      logMass: normal(makeKey(seed).split('m'), 60).map(x => 14 + 0.1 * x),
    })
    const context = quietContext(makeKey(1))
    const [bare] = groupingsOf(many(8, 0, fiducial), many(8, 50, fiducial, marks(1)))
    const positions = await classifyAll([bare], 1, context)
    t.same(
      positions.map(({ population, channels, drawn, halves }) => [population, channels, drawn.pairs, halves?.pairs]),
      [['fiducial', 'positions', 8, 4]],
    )
    const [full] = groupingsOf(many(4, 0, fiducial, marks(2)), many(5, 50, fiducial, marks(1)))
    const all = await classifyAll([full], 1, context)
    t.same(
      all.map(({ channels, drawn, halves }) => [channels, drawn.pairs, halves]),
      [
        ['positions', 4, undefined],
        ['all', 4, undefined],
      ],
    )
    const said: string[] = []
    const log = { ...context.log, info: (text: string) => void said.push(text) }
    t.same(await classifyAll(groupingsOf(many(3, 0, fiducial), many(3, 50, fiducial)), 1, { ...context, log }), [])
    t.match(said[0], /no classifier for fiducial: it wants 4 pairs/)
  },
)
