import t from 'tap'
import { makeKey, wrapPositions } from '../../../../core/index.js'
import {
  contextFeatures,
  pointFeatures,
  seenPoints,
  viewField,
} from '../../../../pipelines/galaxies/inference/fieldView.js'
import { scattered } from './scattered.js'

const key = makeKey(72)
const field = scattered('view', 0)
const view = viewField(field, key)

function near(a: Float32Array, b: Float32Array): number {
  return Math.max(...a.map((x, i) => Math.abs(x - b[i])))
}

t.test('a view has the shape it says, all of it finite', async t => {
  t.equal(view.points.length, seenPoints * pointFeatures)
  t.equal(view.context.length, contextFeatures)
  t.ok(view.points.every(Number.isFinite) && view.context.every(Number.isFinite))
})

t.test('law: moved, turned or mirrored a field looks the same', async t => {
  const moved = {
    ...field,
    positions: wrapPositions(
      field.positions.map((x, i) => x + [77, 410, 123][i % 3]),
      field.box,
    ),
  }
  const turn = (values: Float32Array) => values.map((_, i) => values[3 * Math.floor(i / 3) + ((i + 1) % 3)])
  const turned = {
    ...field,
    positions: turn(field.positions),
    velocities: turn(field.velocities ?? new Float32Array()),
  }
  const mirror = (values: Float32Array, side: number) => values.map((x, i) => (i % 3 === 1 ? side - x : x))
  const mirrored = {
    ...field,
    positions: wrapPositions(mirror(field.positions, 600), field.box),
    velocities: mirror(field.velocities ?? new Float32Array(), 0),
  }
  for (const [name, other] of Object.entries({ moved, turned, mirrored })) {
    const seen = viewField(other, key)
    t.ok(near(seen.points, view.points) < 2e-3, `${name}: neighbourhoods within ${near(seen.points, view.points)}`)
    // a pair at the edge of a bin may change it by rounding
    t.ok(near(seen.context, view.context) < 0.05, `${name}: the whole within ${near(seen.context, view.context)}`)
  }
})

t.test('what it cannot look at is refused in one line', async t => {
  t.throws(() => viewField({ ...field, logMass: undefined }, key), /expected a field with velocities and masses/)
  t.throws(() => viewField({ ...field, box: [600, 600, null] }, key), /expected a periodic field/)
  t.throws(() => viewField(scattered('few', 0, 200), key), /expected at least 1024 halos; got 200/)
})
