import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Script } from 'node:vm'
import t from 'tap'
import { WorkError } from '../../core/index.js'
import { reportPage, writeReport } from '../../report/index.js'
import { structureOf } from './markup.js'
import { smallReport } from './reportData.js'

const data = smallReport()
const page = reportPage(data)

t.test('the page is well-formed and has every section', async t => {
  const { tags, texts } = structureOf(page)
  for (const title of [
    'With a reference',
    'Without',
    'Training',
    'Timings',
    'Provenance',
    'Environment',
    'Configuration',
    'Ratio',
  ])
    t.ok(texts.includes(title), title)
  t.equal(tags.filter(tag => tag === 'canvas').length, 3, 'two views with a reference, one without')
  // with: 2 slabs, 4 of xi, 3 multipoles, 3 in Fourier space, 2 of neighbours, v12, masses; without: 1, 3, 3, 3, 1, 1,
  // 1; training 2; key: 3
  t.equal(tags.filter(tag => tag === 'svg').length, 16 + 13 + 2 + 3)
})

t.test('nothing is fetched and nothing foreign runs', async t => {
  const addresses = [...page.matchAll(/(?:https?:)?\/\/[\w.-]+\.\w+[^\s"'<]*/g)].map(match => match[0])
  t.same([...new Set(addresses)], ['http://www.w3.org/2000/svg'], 'only the name of the SVG namespace')
  t.notMatch(page, /<(link|img|iframe)\b|src=|@import|url\(/)
  t.equal([...page.matchAll(/<script>/g)].length, 1, 'what a configuration holds is text')
  t.match(page, /Halo fields &lt;at a chosen&gt; cosmology/)
  const script = /<script>([\s\S]*)<\/script>/.exec(page)?.[1] ?? ''
  t.doesNotThrow(() => new Script(script))
})

t.test('a view holds every halo to a part in 65,536 of the box', async t => {
  const field = data.cosmologies[0].simulated?.field
  const bytes = Buffer.from(/data-cloud="([^"]*)"/.exec(page)?.[1] ?? '', 'base64')
  t.ok(field)
  if (!field) return
  t.equal(bytes.length, 7 * field.points)
  let worst = 0
  for (let i = 0; i < field.points; i++)
    for (let axis = 0; axis < 3; axis++) {
      const x = ((bytes.readUInt16LE(7 * i + 2 * axis) + 0.5) / 65536) * 320
      worst = Math.max(worst, Math.abs(x - field.positions[3 * i + axis]))
    }
  t.ok(worst <= 320 / 65536, `off by ${worst} Mpc/h`)
})

t.test('what a run has not is not on its page', async t => {
  const { training: _t, ...rest } = data
  const bare = reportPage({ ...rest, timings: [], environment: [], provenance: [], configuration: undefined })
  for (const word of ['Training', 'Timings', 'Environment', 'Provenance', 'Configuration']) t.notMatch(bare, word)
  structureOf(bare)
})

t.test('a report is written whole or not at all', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'stipple-report-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'run', 'report.html')
  writeReport(path, data)
  t.equal(readFileSync(path, 'utf8'), page)
  t.same(readdirSync(join(folder, 'run')), ['report.html'], 'no draft is left')
  writeReport(path, { ...data, title: 'Second' })
  t.match(readFileSync(path, 'utf8'), '<h1>Second</h1>', 'a later one takes its place')
  writeFileSync(join(folder, 'file'), '')
  t.throws(() => writeReport(join(folder, 'file', 'report.html'), data), WorkError)
  t.throws(() => writeReport(join(folder, 'run'), data), WorkError, 'a folder is in its place')
  t.same(readdirSync(folder).sort(), ['file', 'run'], 'no draft is left')
})
