import t from 'tap'
import {
  cornerSection,
  derivedTable,
  dwarfProfile,
  gridHtml,
  type ProfileReport,
  profilesSection,
  renderPage,
  starsFigures,
  starsSection,
  unusualFigure,
} from '../../../report/index.js'
import { smallPage } from '../halos/fields.js'
import { structureOf } from '../markup.js'
import { band, r, wave } from '../posterior/curves.js'

t.test('each kind of profile has its name, axes and caption', async t => {
  const profiles = (['rho', 'mass', 'beta', 'dispersion'] as const).map(kind => dwarfProfile({ kind, band }))
  const { texts } = structureOf(profilesSection({ profiles, posterior: 'network' }).html)
  for (const text of ['Dark-matter density', 'Enclosed mass', 'Anisotropy', 'Velocity dispersion', 'β(r)'])
    t.ok(texts.includes(text), text)
  t.match(dwarfProfile({ kind: 'rho', band, note: 'A note.' }).caption, /dark matter\. A note\.$/)
})

t.test('the frame of the dispersion holds the truth, and the other method, wherever they lie', async t => {
  const pointsOf = (dashes: string, profile: Partial<ProfileReport>) => {
    const profiles = [dwarfProfile({ kind: 'dispersion', band, ...profile })]
    const { html } = profilesSection({ profiles, posterior: 'network' })
    const path = new RegExp(`<g[^>]*stroke-dasharray="${dashes}"[^>]*><path d="([^"]*)"`).exec(html)?.[1] ?? ''
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
})

t.test('stars are drawn on the sky and by velocity', async t => {
  const stars = { positions: wave(24, 1), velocities: wave(12, 2), velocityErrors: wave(12, 3).map(Math.abs) }
  const { title, html } = starsSection(stars)
  const { tags, texts } = structureOf(html)
  t.equal(title, 'Data')
  t.equal(tags.filter(tag => tag === 'svg').length, 2)
  t.ok(texts.includes('Stars on the sky') && texts.includes('Velocities'))
  t.notMatch(html, /NaN/)
})

t.test('the sections of a galaxy stand on a page in their order; empty ones are absent', async t => {
  const values = wave(600 * 6, 3)
  const labels = ['γ', 'log₁₀ rₛ', 'log₁₀ ρ₀', 'log₁₀ r★', 'β₀', 'log₁₀ rₐ']
  const corner = cornerSection({
    labels,
    posterior: { label: 'network', values },
    second: { label: 'Jeans', values: values.map(x => 0.8 * x) },
    prior: { label: 'prior', values: values.map(x => 3 * x) },
    truth: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6],
  })
  const stars = { positions: wave(24, 1), velocities: wave(12, 2), velocityErrors: wave(12, 3).map(Math.abs) }
  const noun = { one: 'galaxy', many: 'galaxies' }
  const distances = wave(100, 4).map(x => 3 + x)
  const data = [
    ...starsFigures(stars, 352),
    unusualFigure({ distance: 5, distances, share: 0.001, flagged: true, noun }),
  ]
  const profile = dwarfProfile({ kind: 'rho', band, second: band, truth: { x: r, y: r } })
  const { tags, texts } = structureOf(
    renderPage({
      ...smallPage(),
      sections: [
        derivedTable([{ label: 'V_max', units: 'km/s', q05: 17, q16: 17.5, q50: 18, q84: 18.5, q95: 19 }]),
        profilesSection({ profiles: [profile], posterior: 'network', second: 'Jeans' }),
        corner,
        { title: 'Data', html: gridHtml(data) },
      ],
    }),
  )
  const titles = ['What follows', 'Profiles', 'Posterior', 'Data', 'Like the training galaxies?', 'Timings']
  t.same(
    texts.filter(text => titles.includes(text)),
    titles,
  )
  // A profile with a key of 3, the corner, 3 of data
  t.equal(tags.filter(tag => tag === 'svg').length, 1 + 3 + 1 + 3)
  const empty = [derivedTable([]), profilesSection({ profiles: [], posterior: 'network' })]
  const alone = structureOf(renderPage({ ...smallPage(), sections: [...empty, corner] }))
  t.equal(alone.tags.filter(tag => tag === 'svg').length, 1)
  t.same(
    alone.texts.filter(text => titles.includes(text)),
    ['Posterior', 'Timings'],
  )
})
