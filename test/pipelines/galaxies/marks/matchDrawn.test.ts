import t from 'tap'
import { makeKey } from '../../../../core/index.js'
import { drawMarks, fitMarks, type MarksModel, matchDrawn } from '../../../../pipelines/galaxies/marks/index.js'
import { pairwiseVelocity } from '../../../../statistics/index.js'
import { clusteredField } from './fields.js'

const fields = Array.from({ length: 16 }, (_, i) => clusteredField(i, 30 + 10 * (i % 4)))
const model = await fitMarks(fields, { seed: 3 })
const edges = [8, 12, 25, 40]

/** Infall of marks drawn for points, summed over bins of separation and fields. */
async function infall(of: MarksModel): Promise<number> {
  let sum = 0
  for (const [i, field] of fields.entries()) {
    const { velocities } = await drawMarks(of, field, makeKey(50 + i))
    sum += pairwiseVelocity(field.positions, velocities, field.box, edges).reduce((a, b) => a + b, 0)
  }
  return sum
}

t.test('velocities that fall together too fast, or too slowly, for the points given are mended', async t => {
  const known = fields.reduce(
    (sum, { positions, velocities, box }) =>
      sum + pairwiseVelocity(positions, velocities!, box, edges).reduce((a, b) => a + b, 0),
    0,
  )
  for (const factor of [1.3, 0.7]) {
    const { velocity } = model
    const spoilt = { ...model, velocity: { ...velocity, coefficients: velocity.coefficients.map(c => factor * c) } }
    const beside = fields.map(field => ({ field, drawn: field.positions }))
    const mended = await matchDrawn(spoilt, beside, { seed: 1 })
    const [before, after] = [await infall(spoilt), await infall(mended)]
    t.ok(Math.abs(before / known - 1) > 0.12, `spoilt by ${factor}: ${before} of ${known}`)
    // Sixteen small fields choose a ridge that leaves some of it.
    t.ok(Math.abs(after - known) < 0.3 * Math.abs(before - known), `mended: ${after} of ${known}`)
  }
})

t.test('the same numbers each time; a model without fields to compare with is refused', async t => {
  const beside = fields.slice(0, 3).map(field => ({ field, drawn: field.positions }))
  t.same(await matchDrawn(model, beside, { seed: 4 }), await matchDrawn(model, beside, { seed: 4 }))
  await t.rejects(matchDrawn(model, []), /at least one field/)
})
