import fc from 'fast-check'
import t from 'tap'
import { type Box, makeKey, minimumImage } from '../../../../core/index.js'
import type { Field } from '../../../../io/galaxies/field.js'
import { augmentField } from '../../../../pipelines/galaxies/batches/augmentField.js'
import { randomField, seeded } from '../../stream/support.js'

const boxes: Readonly<Record<string, Box>> = {
  cube: [100, 100, 100],
  slab: [100, 100, 40],
  brick: [90, 60, 30],
  'open above': [100, 100, null],
}

function distance(field: Field, i: number, j: number): number {
  const d = field.box.map((length, axis) =>
    minimumImage(field.positions[3 * i + axis] - field.positions[3 * j + axis], length),
  )
  return Math.hypot(...d)
}

/** Velocity of j relative to i along the line between them: what a turned field must keep. */
function approach(field: Field, i: number, j: number): number {
  const velocities = field.velocities ?? new Float32Array(0)
  return field.box.reduce<number>((sum, length, axis) => {
    const d = minimumImage(field.positions[3 * i + axis] - field.positions[3 * j + axis], length)
    return sum + d * (velocities[3 * i + axis] - velocities[3 * j + axis])
  }, 0)
}

for (const [name, box] of Object.entries(boxes)) {
  t.test(`${name}: pair distances and approach velocities stay, positions stay in the box`, async t => {
    fc.assert(
      fc.property(fc.nat(1e6), seed => {
        const field = randomField(12, seed, box)
        const seen = augmentField(field, makeKey(seed))
        for (let i = 0; i < 12; i++) {
          for (let axis = 0; axis < 3; axis++) {
            const x = seen.positions[3 * i + axis]
            const length = box[axis]
            if (length !== null && !(x >= 0 && x < length)) return false
          }
          for (let j = 0; j < i; j++) {
            if (Math.abs(distance(seen, i, j) - distance(field, i, j)) > 1e-4) return false
            // A pair half a box apart along an axis has two images; rounding may choose the other.
            const [a, b] = [approach(seen, i, j), approach(field, i, j)]
            const nearHalf = box.some((length, axis) => {
              if (length === null) return false
              const d = Math.abs(minimumImage(field.positions[3 * i + axis] - field.positions[3 * j + axis], length))
              return length / 2 - d < 1e-3
            })
            if (!nearHalf && Math.abs(a - b) > 1e-5 * (1 + Math.abs(b)) + 1) return false
          }
        }
        return true
      }),
      seeded(t, 100),
    )
  })
}

t.test('each symmetry is used by itself and can be left out', t => {
  const field = randomField(20)
  const off = { translate: false, permute: false, reflect: false }
  t.same(augmentField(field, makeKey(1), off).positions, field.positions)
  t.same(augmentField(field, makeKey(1), off).velocities, field.velocities)

  const moved = augmentField(field, makeKey(1), { ...off, translate: true })
  t.same(moved.velocities, field.velocities, 'a shift leaves velocities')
  t.notSame(moved.positions, field.positions)

  const views = Array.from({ length: 64 }, (_, seed) => augmentField(field, makeKey(seed), { ...off, reflect: true }))
  t.equal(new Set(views.map(view => view.velocities?.join())).size, 8, 'eight reflections')
  const orders = Array.from({ length: 64 }, (_, seed) => augmentField(field, makeKey(seed), { ...off, permute: true }))
  t.equal(new Set(orders.map(view => view.positions.join())).size, 6, 'six orders of axes')
  t.end()
})

t.test('axes of different length are not exchanged', t => {
  const field = randomField(20, 0, [100, 100, 40])
  for (let seed = 0; seed < 20; seed++) {
    const seen = augmentField(field, makeKey(seed), { translate: false, reflect: false })
    for (let i = 0; i < 20; i++) t.equal(seen.positions[3 * i + 2], field.positions[3 * i + 2])
  }
  t.end()
})

t.test('the same key gives the same bytes; masses and theta stay; the field itself is not touched', t => {
  const field = randomField(50)
  const before = field.positions.slice()
  const [a, b] = [augmentField(field, makeKey(3)), augmentField(field, makeKey(3))]
  t.same(a.positions, b.positions)
  t.equal(a.logMass, field.logMass)
  t.equal(a.theta, field.theta)
  t.same(field.positions, before)
  t.notSame(augmentField(field, makeKey(4)).positions, a.positions)
  t.end()
})
