import t from 'tap'
import { collapse, collapseOfCells } from '../../../simulators/halos/collapse.js'

t.test('when an ellipsoid collapses', async t => {
  const sphere = (delta: number) => collapse(delta / 3, delta / 3, delta / 3)
  t.ok(Math.abs(1 / sphere(1.686) - 1) < 0.005, 'a sphere of 1.686 today')
  t.ok(Math.abs(sphere(3.372) / sphere(1.686) - 2) < 1e-6, 'twice the density, half the growth')
  t.ok(
    Math.abs(1 / collapse(1, 0, 0) - 1 + 0.364 * Math.exp(-6.5)) < 1e-6,
    'a sheet when its own axis has shrunk to nothing',
  )
  t.equal(collapse(-0.1, -0.2, -0.3), 0, 'a void never')
  t.ok(collapse(0.9, 0.5, 0.286) > sphere(1.686), 'shear at the same density hastens the first axis')
})

t.test('cells: eigenvalues of any orientation, and the largest of what was there and what is new', async t => {
  // diag(1.1, 0.6, 0.1) turned by 30 degrees about z
  const [c, s] = [Math.cos(Math.PI / 6), Math.sin(Math.PI / 6)]
  const [xx, yy, xy] = [1.1 * c * c + 0.6 * s * s, 1.1 * s * s + 0.6 * c * c, 0.5 * c * s]
  const cells = [xx, yy, 0.1, xy, 0, 0].map(value => Float32Array.of(value, value))
  const into = Float32Array.of(0, 0, 5)
  collapseOfCells(cells, into, 1)
  t.equal(into[0], 0, 'cells before the offset stay')
  t.ok(Math.abs(into[1] - collapse(1.1, 0.6, 0.1)) < 1e-4)
  t.equal(into[2], 5, 'an earlier collapse stays')
})

t.test('nothing is passed over that has collapsed by today: below l1 = 0.5 cells are not looked at', async t => {
  let soonest = 0
  for (let l1 = 0.3; l1 < 0.5; l1 += 0.02)
    for (let l2 = -0.6; l2 <= l1; l2 += 0.05)
      for (let l3 = -0.6; l3 <= l2; l3 += 0.05) soonest = Math.max(soonest, collapse(l1, l2, l3))
  t.ok(soonest > 0.5 && soonest < 1, `${soonest}`)
})
