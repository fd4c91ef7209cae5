import t from 'tap'
import { cosmologySection, trainingSection } from '../../../report/index.js'
import { structureOf } from '../markup.js'
import { smallCosmologies, smallTraining } from './fields.js'

const [withReference, without] = smallCosmologies()
const sections = [withReference, without].map(cosmologySection)

t.test('a cosmology shows its fields and every statistic that was measured', async t => {
  const [first, second] = sections.map(({ html }) => structureOf(html))
  t.same(
    sections.map(({ title }) => title),
    ['With a reference', 'Without'],
  )
  t.ok(first.texts.includes('Ratio') && !second.texts.includes('Ratio'))
  const count = (tags: readonly string[], tag: string) => tags.filter(one => one === tag).length
  t.same([count(first.tags, 'canvas'), count(second.tags, 'canvas')], [2, 1])
  // 2 slabs, 4 of xi, 3 multipoles, 3 in Fourier space, 2 of neighbours, v12, masses, 2 signs in the key
  t.equal(count(first.tags, 'svg'), 16 + 2)
  // 1 slab, 3 of xi, 3 multipoles, 3 in Fourier space, neighbours, v12, masses, one sign in the key
  t.equal(count(second.tags, 'svg'), 13 + 1)
})

t.test('a training has a figure of its loss and one of the explained share', async t => {
  const { tags } = structureOf(trainingSection(smallTraining()).html)
  t.equal(tags.filter(tag => tag === 'svg').length, 2)
  t.equal(trainingSection({ note: 'Nothing was recorded.' }).html, '', 'no figure, no section')
})

t.test('a view holds every halo to a part in 65,536 of the box', async t => {
  const field = withReference.simulated?.field
  const bytes = Buffer.from(/data-cloud="([^"]*)"/.exec(sections[0].html)?.[1] ?? '', 'base64')
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
