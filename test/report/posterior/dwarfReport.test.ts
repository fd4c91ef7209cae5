import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { WorkError } from '../../../core/index.js'
import {
  bandPlot,
  cornerPlot,
  coveragePlot,
  type DwarfReportData,
  dwarfLabels,
  dwarfPage,
  rankPlot,
  writeDwarfReport,
} from '../../../report/index.js'
import { structureOf } from '../markup.js'

const wave = (n: number, at: number) =>
  Array.from({ length: n }, (_, i) => Math.sin(1.7 * i + at) + Math.sin(0.31 * i * at))
const values = wave(600 * 6, 3)
const r = [0.03, 0.1, 0.3, 1, 3]
const curve = (scale: number) => r.map(x => scale / x)
const band = { r, q025: curve(1), q16: curve(2), q50: curve(3), q84: curve(4), q975: curve(5) }
const nominal = [0.25, 0.5, 0.68, 0.95]

const data: DwarfReportData = {
  title: 'Fornax <and> others',
  lead: 'Twelve stars & their posterior.',
  facts: [{ label: 'Stars', value: '12' }],
  warnings: ['Outside what the network was trained on'],
  notes: ['The perspective is left in'],
  galaxy: {
    stars: { positions: wave(24, 1), velocities: wave(12, 2), velocityErrors: wave(12, 3).map(Math.abs) },
    labels: dwarfLabels,
    posterior: { label: 'network', values },
    second: { label: 'Jeans', values: values.map(x => 0.8 * x) },
    prior: { label: 'prior', values: values.map(x => 3 * x) },
    truth: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6],
    profiles: (['rho', 'mass', 'beta', 'dispersion'] as const).map(kind => ({
      kind,
      band,
      second: band,
      truth: { x: r, y: r },
    })),
    derived: [{ label: 'log10 J(0.5 deg)', units: 'GeV2 cm-5', q05: 17, q16: 17.5, q50: 18, q84: 18.5, q95: 19 }],
    unusual: { distance: 5, distances: wave(100, 4).map(x => 3 + x), share: 0.001, flagged: true },
  },
  calibrations: [
    {
      name: 'Network, 40 galaxies',
      count: 40,
      what: 'galaxies',
      passed: false,
      tarp: { label: 'TARP', nominal, observed: nominal, within: 0.1, p: 0.4 },
      parameters: dwarfLabels.map(label => ({
        label,
        coverage: { nominal, observed: [0.3, 0.5, 0.7, 0.9] },
        rankCounts: [10, 8, 12, 10],
        rankP: 0.4,
        rmse: 0.2,
        along: { edges: [0, 1, 3], coverage: [0.5, 0.7], count: [100, 100], p: 0.01 },
        recovery: { truth: [0, 1], estimate: [0.1, 0.9], low: [0, 0.8], high: [0.2, 1] },
      })),
    },
  ],
  timings: [{ stage: 'posterior', seconds: 1 }],
  environment: [],
  provenance: [],
}

t.test('the page is well-formed, has every section, and fetches nothing', async t => {
  const page = dwarfPage(data)
  const { tags, texts } = structureOf(page)
  for (const title of [
    'What follows',
    'Profiles',
    'Posterior',
    'Data',
    'Network, 40 galaxies',
    'Anisotropy',
    'Timings',
  ]) {
    t.ok(texts.includes(title), title)
  }
  // 4 profiles with a key of 3, corner, 3 of data, coverage and TARP, 6 of ranks, 6 of recovery
  t.equal(tags.filter(tag => tag === 'svg').length, 4 + 3 + 1 + 3 + 2 + 6 + 6 + 6)
  t.match(page, /Fornax &lt;and&gt; others/)
  t.match(page, /Not calibrated/)
  t.match(page, /log<sub>10<\/sub> J\(0\.5°\)/)
  t.notMatch(page, /<script|src=|@import|url\(|NaN/)
  const addresses = [...page.matchAll(/(?:https?:)?\/\/[\w.-]+\.\w+[^\s"'<]*/g)].map(match => match[0])
  t.same([...new Set(addresses)], ['http://www.w3.org/2000/svg'])
})

t.test(
  'the dispersion’s frame holds the truth, and the other method, however far they lie from the posterior',
  async t => {
    const pointsOf = (dashes: string, profile: object) => {
      const profiles = [{ kind: 'dispersion' as const, band, ...profile }]
      const page = dwarfPage({
        ...data,
        calibrations: [],
        galaxy: { labels: dwarfLabels, posterior: { label: 'network', values }, profiles },
      })
      const path = new RegExp(`<g[^>]*stroke-dasharray="${dashes}"[^>]*><path d="([^"]*)"`).exec(page)?.[1] ?? ''
      return path
        .split(/[ML]/)
        .slice(1)
        .map(point => point.split(',').map(Number))
    }
    const truth = { x: r, y: [300, 200, 100, 50, 1] }
    const drawn = pointsOf('6 3', { truth })
    t.equal(drawn.length, r.length)
    t.ok(
      drawn.every(([, y], i) => y > 0 && (i === 0 || y > drawn[i - 1][1])),
      'from the top downwards, none cut',
    )
    t.equal(pointsOf('4 3', { second: { ...band, q025: truth.y, q975: truth.y } }).length, r.length)
  },
)

t.test('what is absent is absent', async t => {
  const { galaxy, calibrations, warnings, ...rest } = data
  const { texts } = structureOf(dwarfPage(rest))
  t.notOk(texts.some(text => ['What follows', 'Posterior', 'Data'].includes(text)))
  const bare = dwarfPage({ ...rest, galaxy: { labels: dwarfLabels, posterior: { label: 'network', values } } })
  t.equal(structureOf(bare).tags.filter(tag => tag === 'svg').length, 1)
})

t.test('a corner has a panel for each pair, and its truth where it lies', async t => {
  const options = { description: 'two', labels: ['a', 'b'], posterior: { label: 'p', values: wave(400, 5) } }
  const frames = (svg: string) => svg.match(/fill="none" stroke="#1b1f24"\/>/g)?.length
  t.equal(frames(cornerPlot(options)), 3)
  const truthful = cornerPlot({ ...options, truth: [0, 0] })
  t.equal(truthful.match(/stroke-dasharray="5 3"/g)?.length, 2 + 2 + 1, 'two on the diagonal, a cross, one in the key')
  t.notMatch(cornerPlot({ ...options, truth: [99, 99] }), /width="5\.2"/)
  structureOf(truthful)
})

t.test('one draw, equal draws and a flat band are drawn all the same', async t => {
  const one = { description: 'one', labels: ['a', 'b'], posterior: { label: 'p', values: [1, 2] } }
  t.notMatch(cornerPlot(one), /NaN|Infinity/)
  t.notMatch(cornerPlot({ ...one, posterior: { label: 'p', values: [1, 2, 1, 2, 1, 2] } }), /NaN|Infinity/)
  const flat = {
    r,
    q025: [1, 1, 1, 1, 1],
    q16: [1, 1, 1, 1, 1],
    q50: [1, 1, 1, 1, 1],
    q84: [1, 1, 1, 1, 1],
    q975: [1, 1, 1, 1, 1],
  }
  t.notMatch(
    bandPlot({ description: 'flat', x: { label: 'r', type: 'log' }, y: { label: 'y' }, band: flat }),
    /NaN|Infinity/,
  )
})

t.test('marks beyond the frame are left out, others named on the side that has room', async t => {
  const marks = [
    { x: 0.04, label: 'first' },
    { x: 1, label: 'half' },
    { x: 40, label: 'beyond' },
  ]
  const svg = bandPlot({
    description: 'b',
    x: { label: 'r', type: 'log' },
    y: { label: 'y', type: 'log' },
    band,
    marks,
  })
  t.match(svg, /text-anchor="start"[^>]*>\s*<text[^>]*>first/)
  t.match(svg, /text-anchor="end"[^>]*>\s*<text[^>]*>half/)
  t.notMatch(svg, /beyond/)
})

t.test('bars beyond the 99% band stand out of it', async t => {
  const svg = rankPlot({ description: 'ranks', label: 'γ', what: 'galaxies', counts: [90, 10, 10, 10] })
  const heights = [...svg.matchAll(/<rect [^>]*height="([\d.]+)"/g)].map(match => Number(match[1]))
  t.ok(Math.max(...heights) > 5 * heights.sort((a, b) => a - b)[0])
  t.notMatch(coveragePlot({ description: 'c', curves: [{ label: 'γ', nominal, observed: nominal }], count: 20 }), /NaN/)
})

t.test('a report that cannot be written leaves nothing behind', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'stipple-report-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const { galaxy, calibrations, ...small } = data
  writeDwarfReport(join(folder, 'report.html'), small)
  t.match(readFileSync(join(folder, 'report.html'), 'utf8'), /<!doctype html>/)
  t.same(readdirSync(folder), ['report.html'])
  t.throws(() => writeDwarfReport(join(folder, 'report.html', 'x.html'), small), WorkError)
})
