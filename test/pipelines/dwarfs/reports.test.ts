import t from 'tap'
import { type Dwarf, makeKey, normal, uniform } from '../../../src/core/index.js'
import { makeCalibration } from '../../../src/generative/calibration/index.js'
import { calibrationReportData } from '../../../src/pipelines/dwarfs/calibrationReport.js'
import { derivedQuantities } from '../../../src/pipelines/dwarfs/derived.js'
import { galaxyReportData } from '../../../src/pipelines/dwarfs/galaxyReport.js'
import { dwarfPage } from '../../../src/report/index.js'
import { dwarfNames, dwarfPrior, fromUnitCube } from '../../../src/simulators/index.js'
import { structureOf } from '../../report/markup.js'

const key = makeKey(21)

function thetas(name: string, n: number): Float64Array {
  const u = uniform(key.split(name), 6 * n)
  return Float64Array.from(
    Array.from({ length: n }, (_, i) => {
      const theta = fromUnitCube(u.subarray(6 * i, 6 * i + 6), dwarfPrior)
      return dwarfNames.map(parameter => theta[parameter])
    }).flat(),
  )
}

const stars = 60
const own = normal(key.split('stars'), 3 * stars)
const dwarf: Dwarf = {
  stars,
  positions: own.slice(0, 2 * stars).map(x => 0.4 * x),
  velocities: own.slice(2 * stars).map(v => 9 * v),
  velocityErrors: new Float32Array(stars).fill(1.5),
  membership: Float32Array.from({ length: stars }, (_, i) => (i % 9 === 0 ? 0.2 : 1)),
  theta: {},
}

const findings = {
  name: 'Fornax',
  lead: 'Sixty stars.',
  dwarf,
  distance: 142.56,
  label: 'network',
  theta: thetas('first', 400),
  prior: dwarfPrior,
  bounds: dwarfNames.map(() => [-3, 9] as const),
  quantities: derivedQuantities(thetas('first', 400), { distance: 142.56 }).quantities,
  warnings: [],
  notes: [],
  key,
  threads: 1,
  timings: [],
  provenance: [],
}

t.test('the page of a measured galaxy has no truth; that of a simulated one has', async t => {
  const data = galaxyReportData(findings)
  t.same(
    data.galaxy?.profiles?.map(({ kind }) => kind),
    ['rho', 'mass', 'beta', 'dispersion'],
  )
  t.equal(data.galaxy?.truth, undefined)
  const dispersion = data.galaxy?.profiles?.[3]
  t.ok((dispersion?.points?.y.length ?? 0) >= 1)
  t.ok(
    dispersion?.points?.y.every(sigma => sigma > 3 && sigma < 20),
    'about 9 km/s',
  )
  const measured = dwarfPage(data)
  structureOf(measured)
  t.notMatch(measured, /NaN|>truth</)
  const theta = Object.fromEntries(dwarfNames.map((name, p) => [name, findings.theta[p]]))
  const second = { label: 'Jeans analysis', theta: thetas('second', 300) }
  const unusual = { distance: 3, share: 0.2, flagged: false, heldOut: [1, 2, 3, 4] }
  const page = dwarfPage(galaxyReportData({ ...findings, dwarf: { ...dwarf, theta }, second, unusual }))
  const { texts } = structureOf(page)
  t.ok(
    texts.includes('truth') &&
      texts.includes('Like the training galaxies?') &&
      texts.includes('Jeans analysis: median, 95%'),
  )
})

t.test('the page of an evaluation has a figure for each parameter and its verdict', async t => {
  const calibrator = makeCalibration({
    names: dwarfNames,
    bounds: dwarfNames.map(() => [0, 1] as const),
    key,
    scores: false,
  })
  for (let i = 0; i < 60; i++) {
    const truth = uniform(key.split('truth').split(i), 6)
    calibrator.add(truth, uniform(key.split('draws').split(i), 6 * 50))
  }
  const data = calibrationReportData({
    method: 'npe',
    judged: { 'inside the prior': calibrator.result() },
    data: ['F.h5'],
    seed: 21,
    threads: 1,
    timings: [],
    provenance: [],
  })
  const [set] = data.calibrations ?? []
  t.equal(set.name, 'Inside the prior: 60')
  t.equal(set.parameters.length, 6)
  t.ok(set.parameters.every(({ rankCounts }) => Array.from(rankCounts).reduce((a, b) => a + b) === 60))
  t.equal(set.parameters[0].logScore, undefined)
  t.equal(set.passed, true, 'draws from the prior are an exact posterior of nothing seen')
  const { tags } = structureOf(dwarfPage(data))
  t.equal(tags.filter(tag => tag === 'svg').length, 2 + 6)
})
