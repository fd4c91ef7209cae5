import t from 'tap'
import {
  type CalibrationReport,
  calibrationSection,
  cornerSection,
  derivedTable,
  profilesSection,
  unusualFigure,
  unusualSection,
} from '../../../report/index.js'
import { structureOf } from '../markup.js'
import { band, nominal, r, wave } from './curves.js'

const count = (html: string, tag: string) => structureOf(html).tags.filter(one => one === tag).length

const calibration: CalibrationReport = {
  name: 'Network, 40 simulations',
  count: 40,
  what: 'simulations',
  passed: false,
  tarp: { label: 'TARP', nominal, observed: nominal, within: 0.1, p: 0.4 },
  parameters: ['a [kpc]', 'b'].map(label => ({
    label,
    coverage: { nominal, observed: [0.3, 0.5, 0.7, 0.9] },
    rankCounts: [10, 8, 12, 10],
    rankP: 0.4,
    rmse: 0.2,
    along: { edges: [0, 1, 3], coverage: [0.5, 0.7], count: [100, 100], p: 0.01 },
    recovery: { truth: [0, 1], estimate: [0.1, 0.9], low: [0, 0.8], high: [0.2, 1] },
  })),
}

t.test('a calibration has coverage and TARP, and ranks, coverage by place and recovery of each parameter', async t => {
  const { title, html } = calibrationSection(calibration)
  t.equal(title, 'Network, 40 simulations')
  t.equal(count(html, 'svg'), 2 + 3 * 2)
  t.match(html, /Not calibrated within the errors of 40 simulations/)
  t.notMatch(html, /galax|NaN|undefined/, 'it knows no subject')
  const plain = calibration.parameters.map(({ label, coverage, rankCounts }) => ({ label, coverage, rankCounts }))
  const { html: less } = calibrationSection({ ...calibration, tarp: undefined, passed: undefined, parameters: plain })
  t.equal(count(less, 'svg'), 1 + 2)
  t.notMatch(less, /alibrated|rms error/)
})

t.test('a corner says what is drawn beside the posterior', async t => {
  const corner = { labels: ['a [kpc]', 'b'], posterior: { label: 'p', values: wave(400, 5) } }
  const { html } = cornerSection(corner)
  t.match(html, /aria-label="Corner plot of the posterior: a, b"/)
  t.notMatch(html, /Dotted/)
  const noted = cornerSection({ ...corner, prior: { label: 'prior', values: wave(400, 6) }, note: 'Nothing <else>.' })
  t.match(noted.html, /Dotted: the prior\. Nothing &lt;else&gt;\./)
  structureOf(noted.html)
})

t.test('profiles name what they show, and the key no more than that', async t => {
  const profile = {
    title: 'Density',
    caption: 'Of matter.',
    x: { label: 'r', type: 'log' },
    y: { label: 'ρ' },
    band,
  } as const
  const keys = (html: string) => [...html.matchAll(/<span>/g)].length
  const posterior = 'network'
  t.equal(keys(profilesSection({ profiles: [profile], posterior, second: 'Jeans' }).html), 1)
  const full = { ...profile, second: band, truth: { x: r, y: r } }
  const { html } = profilesSection({ profiles: [profile, full], posterior, second: 'Jeans' })
  t.equal(keys(html), 3)
  t.equal(count(html, 'figure'), 2)
  t.equal(profilesSection({ profiles: [], posterior }).html, '')
})

t.test('derived quantities are in the notation of the field, to two figures of their error', async t => {
  const row = { q05: 17, q16: 17.5, q50: 18, q84: 18.5, q95: 19 }
  const { html } = derivedTable([
    { ...row, label: 'log10 J(0.5 deg)', units: 'GeV2 cm-5' },
    { label: 'rho(150 pc)', units: 'Msun/kpc3', q05: -1e8, q16: 1.2e8, q50: 1.4e8, q84: 2e8, q95: 3e8 },
  ])
  t.match(html, 'log<sub>10</sub> J(0.5°)')
  t.match(html, 'GeV<sup>2</sup> cm<sup>−5</sup>')
  t.match(html, 'Msun/kpc<sup>3</sup>')
  t.match(html, '18.00')
  t.match(html, '−1.0 × 10<sup>8</sup> to 3.0 × 10<sup>8</sup>')
  t.equal(derivedTable([]).html, '')
})

t.test('an unusual observation is called what it is', async t => {
  const unusual = { distance: 5, distances: wave(100, 4).map(x => 3 + x), share: 0.001, flagged: true }
  const { title, html } = unusualSection(unusual)
  t.equal(title, 'Like the training observations?')
  t.match(html, /0\.1% of held-out simulated observations/)
  t.match(html, /not to be trusted/)
  const jets = unusualFigure({ ...unusual, flagged: false, noun: { one: 'jet', many: 'jets' } })
  t.match(jets, /<h4>Like the training jets\?/)
  t.match(jets, />this jet</)
  t.notMatch(jets, /observation|trusted/)
  // Every held-out distance is in a bar
  const heights = [...html.matchAll(/<rect [^>]*height="([\d.]+)"/g)]
  t.ok(heights.length >= 40)
})
