import t from 'tap'
import { bandPlot, cornerPlot, coveragePlot, rankPlot } from '../../../report/index.js'
import { structureOf } from '../markup.js'
import { band, nominal, r, wave } from './curves.js'

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

t.test('marks beyond the frame are not drawn, others named on the side that has room', async t => {
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
