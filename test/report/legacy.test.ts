import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { WorkError } from '../../core/index.js'
import {
  cornerSection,
  type DwarfReportData,
  dwarfLabels,
  dwarfPage,
  posteriorPage,
  renderPage,
  reportPage,
  writeDwarfReport,
} from '../../report/index.js'
import { smallCosmologies, smallPage, smallTraining } from './halos/fields.js'
import { structureOf } from './markup.js'
import { band, r, wave } from './posterior/curves.js'

const values = wave(600 * 6, 3)
const { sections: _sections, ...frame } = smallPage()
const posterior = { labels: dwarfLabels, posterior: { label: 'network', values } }

t.test('a report on fields is a page of their sections', async t => {
  t.equal(reportPage({ ...frame, cosmologies: smallCosmologies(), training: smallTraining() }), renderPage(smallPage()))
})

t.test('a report on a posterior is a page of its corner', async t => {
  t.equal(
    posteriorPage({ ...frame, corner: posterior }),
    renderPage({ ...frame, sections: [cornerSection(posterior)] }),
  )
})

const dwarf: DwarfReportData = {
  ...frame,
  galaxy: {
    ...posterior,
    second: { label: 'Jeans', values: values.map(x => 0.8 * x) },
    prior: { label: 'prior', values: values.map(x => 3 * x) },
    truth: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6],
    stars: { positions: wave(24, 1), velocities: wave(12, 2), velocityErrors: wave(12, 3).map(Math.abs) },
    profiles: [{ kind: 'rho', band, second: band, truth: { x: r, y: r } }],
    derived: [{ label: 'V_max', units: 'km/s', q05: 17, q16: 17.5, q50: 18, q84: 18.5, q95: 19 }],
    unusual: { distance: 5, distances: wave(100, 4).map(x => 3 + x), share: 0.001, flagged: true },
  },
}

t.test('a report on a dwarf galaxy has what follows first, then profiles, posterior and data', async t => {
  const { tags, texts } = structureOf(dwarfPage(dwarf))
  const titles = ['What follows', 'Profiles', 'Posterior', 'Data', 'Like the training galaxies?', 'Timings']
  t.same(
    texts.filter(text => titles.includes(text)),
    titles,
  )
  // A profile with a key of 3, the corner, 3 of data
  t.equal(tags.filter(tag => tag === 'svg').length, 1 + 3 + 1 + 3)
  const alone = structureOf(dwarfPage({ ...frame, galaxy: posterior }))
  t.equal(alone.tags.filter(tag => tag === 'svg').length, 1)
  t.notOk(structureOf(dwarfPage(frame)).texts.some(text => titles.slice(0, 4).includes(text)))
})

t.test('a report that cannot be written leaves nothing behind', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'stipple-report-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  writeDwarfReport(join(folder, 'report.html'), frame)
  t.match(readFileSync(join(folder, 'report.html'), 'utf8'), /<!doctype html>/)
  t.same(readdirSync(folder), ['report.html'])
  t.throws(() => writeDwarfReport(join(folder, 'report.html', 'x.html'), frame), WorkError)
})
