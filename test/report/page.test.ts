import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Script } from 'node:vm'
import t from 'tap'
import { WorkError } from '../../core/index.js'
import { type Page, renderPage, writePage } from '../../report/index.js'
import { smallPage } from './halos/fields.js'
import { structureOf } from './markup.js'

const data = smallPage()
const page = renderPage(data)
const bare: Page = {
  title: 'Bare',
  lead: 'Nothing.',
  facts: [],
  sections: [],
  timings: [],
  environment: [],
  provenance: [],
}

t.test('the page is well-formed and has every part, warnings before sections', async t => {
  const { texts } = structureOf(page)
  const titles = [
    'Outside what the network was trained on',
    'The perspective is left in',
    'With a reference',
    'Without',
    'Training',
    'Timings',
    'How this was made',
    'Provenance',
    'Environment',
    'Configuration',
  ]
  t.same(
    texts.filter(text => titles.includes(text)),
    titles,
  )
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

t.test('sections that bring the same script share it; others bring none', async t => {
  const section = { html: '<p>One</p>', script: 'one()' }
  const scripts = (sections: Page['sections']) =>
    [...renderPage({ ...bare, sections }).matchAll(/<script>(.*?)<\/script>/g)].map(match => match[1])
  t.same(scripts([section, { ...section, script: 'two()' }, section]), ['one()', 'two()'])
  t.same(scripts([{ html: '<p>One</p>' }]), [])
})

t.test('what a run has not is not on its page', async t => {
  const text = renderPage({ ...bare, sections: [{ title: 'Empty', html: '' }] })
  const { tags, texts } = structureOf(text)
  t.same(texts, ['Bare', 'Bare', 'Nothing.', 'Made by Stipple. One file: all figures are inside, nothing is fetched.'])
  t.notOk(tags.includes('section'))
})

t.test('a page is written whole or not at all', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'stipple-report-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'run', 'report.html')
  writePage(path, data)
  t.equal(readFileSync(path, 'utf8'), page)
  t.same(readdirSync(join(folder, 'run')), ['report.html'], 'no draft is left')
  writePage(path, { ...data, title: 'Second' })
  t.match(readFileSync(path, 'utf8'), '<h1>Second</h1>', 'a later one takes its place')
  writeFileSync(join(folder, 'file'), '')
  t.throws(() => writePage(join(folder, 'file', 'report.html'), data), WorkError)
  t.throws(() => writePage(join(folder, 'run'), data), WorkError, 'a folder is in its place')
  t.same(readdirSync(folder).sort(), ['file', 'run'], 'no draft is left')
})
