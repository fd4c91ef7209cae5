import t from 'tap'
import { dwarfProfile, type ProfileReport, profilesSection, starsSection } from '../../../report/index.js'
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
