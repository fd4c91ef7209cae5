import { readFileSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { comparisonPlot, linePlot, slabPlot } from '../../report/index.js'
import type { Curve } from '../../statistics/index.js'
import { fieldOf } from './halos/fields.js'
import { structureOf } from './markup.js'

const curve: Curve = {
  x: [5, 10, 20, 40, 80],
  value: [4, 2, 0.5, -0.1],
  error: [0.4, 0.2, 0.05, 0.05],
  reference: [4.2, 1.9, 0.6, 0.02],
  reference_error: [0.1, 0.1, 0.02, 0.01],
  reference_scatter: [0.3, 0.3, 0.1, 0.05],
  unit: '',
  x_unit: 'Mpc/h',
}
const options = {
  description: 'Correlation function of a test',
  curves: [{ curve }],
  x: { label: 'r  [Mpc/h]', type: 'log', domain: [5, 80], ticks: [5, 10, 20, 50] },
  y: { label: 'ξ(r)', type: 'log' },
} as const

t.test('a comparison draws a dot and a bar a bin, a line, two bands, and names its axes', async t => {
  const { tags, texts } = structureOf(comparisonPlot(options))
  t.equal(tags.filter(tag => tag === 'circle').length, 4)
  for (const text of ['r  [Mpc/h]', 'ξ(r)', '5', '50', '0.1']) t.ok(texts.includes(text), text)
  const svg = comparisonPlot(options)
  t.equal([...svg.matchAll(/aria-label="area"/g)].length, 2, 'bands')
  t.equal([...svg.matchAll(/aria-label="line"/g)].length, 1)
  t.match(svg, /role="img"/)
  t.match(svg, /aria-label="Correlation function of a test"/)
  t.notMatch(svg, /NaN|undefined|Infinity/)
})

t.test('the figure has the structure of the one in git', async t => {
  // to renew it after a deliberate change: STIPPLE_RENEW=1 node …/figures.test.js, and look at the picture
  const path = new URL('../../../test/report/comparisonPlot.svg', import.meta.url)
  const svg = comparisonPlot(options)
  if (process.env.STIPPLE_RENEW) writeFileSync(path, `${svg}\n`)
  t.same(structureOf(svg), structureOf(readFileSync(path, 'utf8').trim()))
})

t.test('a curve without reference or errors is dots alone; NaN is not drawn', async t => {
  const bare: Curve = {
    x: [1, 2, 3],
    value: [1, Number.NaN, 3],
    error: [Number.NaN, Number.NaN, Number.NaN],
    unit: '',
    x_unit: '',
  }
  const svg = comparisonPlot({ ...options, curves: [{ curve: bare }], x: { label: 'x' }, y: { label: 'y' } })
  t.equal(structureOf(svg).tags.filter(tag => tag === 'circle').length, 2)
  t.notMatch(svg, /NaN|Infinity/)
})

t.test('nothing at all still makes a frame', async t => {
  const empty: Curve = { x: [1, 2], value: [Number.NaN, Number.NaN], error: [0, 0], unit: '', x_unit: '' }
  for (const type of ['linear', 'log'] as const) {
    const svg = comparisonPlot({ ...options, curves: [{ curve: empty }], y: { label: 'y', type } })
    t.notMatch(svg, /NaN|Infinity/, type)
  }
})

t.test('a slab draws each of its halos once', async t => {
  const field = fieldOf(1)
  const svg = slabPlot(field, { side: 'generated', thickness: 80, description: 'A slab' })
  const inSlab = Array.from({ length: field.points }, (_, i) => field.positions[3 * i + 2]).filter(z => z < 80).length
  t.ok(inSlab > 40)
  t.equal([...svg.matchAll(/h0/g)].length, inSlab)
  const { texts } = structureOf(svg)
  t.ok(texts.includes('x  [Mpc/h]') && texts.includes('y  [Mpc/h]'))
})

t.test('lines are named in a key, and long ones thinned', async t => {
  const x = Array.from({ length: 50_000 }, (_, i) => i)
  const noisy = { label: 'loss', x, y: x.map(step => 1 + Math.sin(step)), smooth: 0.02 }
  const svg = linePlot({
    description: 'Two lines',
    x: { label: 'step' },
    y: { label: 'loss' },
    lines: [noisy, { ...noisy, label: 'other' }],
  })
  const { texts } = structureOf(svg)
  t.ok(texts.includes('loss') && texts.includes('other'))
  t.ok(svg.length < 100_000, `${svg.length} characters for 100,000 points`)
})
