import fc from 'fast-check'
import t from 'tap'
import { makeKey, normal } from '../../../core/index.js'
import { contourPath } from '../../../report/posterior/contours.js'
import { density1d, density2d, levelsOf, type Range, rangeOf } from '../../../report/posterior/density.js'

const key = makeKey(12)
const draws = Array.from(normal(key, 20000))
const [x, y] = [draws.slice(0, 10000), draws.slice(10000)]

t.test('a density integrates to one within its range, also against an edge', async t => {
  const edges = fc.tuple(fc.double({ min: -3, max: -0.2, noNaN: true }), fc.double({ min: 0.2, max: 3, noNaN: true }))
  const law = fc.property(edges, range => {
    const { x: at, density } = density1d(x, range)
    const step = at[1] - at[0]
    return (
      Math.abs(density.reduce((sum, value) => sum + value * step, 0) - 1) < 1e-9 && density.every(value => value >= 0)
    )
  })
  t.doesNotThrow(() => fc.assert(law, { seed: 2, numRuns: 30 }))
  // Half a normal distribution is flat against its edge: 2 / sqrt(2 pi) there
  const half = density1d(x.map(Math.abs), [0, 4])
  t.ok(Math.abs(half.density[0] - 0.798) < 0.06, `${half.density[0]}`)
})

t.test('contours hold the shares they say', async t => {
  const ranges: [Range, Range] = [
    [-5, 5],
    [-5, 5],
  ]
  const density = density2d(x, y, ranges)
  for (const share of [0.68, 0.95]) {
    const [level] = levelsOf(density, [share])
    // Area within a contour of a round Gaussian of variance 1 + h^2: -2 pi (1 + h^2) ln(1 - share), in a frame of 500
    // pixels for 10 units
    const area = areaOf(contourPath(density, level, 500, 500)) / 50 ** 2
    const wanted = -2 * Math.PI * Math.log(1 - share) * (1 + (1.15 * 10000 ** (-1 / 6)) ** 2)
    t.ok(Math.abs(area / wanted - 1) < 0.06, `${share}: ${area} beside ${wanted}`)
  }
})

t.test('rings close, also along the frame and around holes', async t => {
  const law = fc.property(
    fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 36, maxLength: 36 }),
    values => {
      const grid = { cells: 6, values: Float64Array.from(values) }
      const path = contourPath(grid, 0.5, 60, 60)
      // The shoelace area of what is above 0.5, holes subtracted, is positive where anything is and never more than the
      // frame
      const area = areaOf(path)
      const above = values.filter(value => value >= 0.5).length
      return (
        (above === 0 ? path === '' : area > 0) &&
        area <= 3600 &&
        path.split('M').length - 1 === path.split('Z').length - 1
      )
    },
  )
  t.doesNotThrow(() => fc.assert(law, { seed: 8, numRuns: 200 }))
})

t.test('weights count, and ranges keep to the prior', async t => {
  const equal = density1d(
    x,
    [-4, 4],
    x.map(() => 3),
  ).density
  t.ok(density1d(x, [-4, 4]).density.every((value, k) => Math.abs(value - equal[k]) < 1e-12))
  // Weights exp(v) turn a normal distribution about 0 into one about 1
  const { x: at, density } = density1d(x, [-4, 5], x.map(Math.exp))
  const mean = density.reduce((sum, value, k) => sum + value * at[k], 0) / density.reduce((a, b) => a + b, 0)
  t.ok(Math.abs(mean - 1) < 0.06, `${mean}`)
  t.same(rangeOf([[0, 0.5, 1]], [0, 0.9]), [0, 0.9])
  t.same(rangeOf([[3, 3]]), [2.5, 3.5])
})

/** Signed shoelace area of all rings; y points down in a picture, so that what is above the level counts positive. */
function areaOf(path: string): number {
  return path
    .split('Z')
    .filter(ring => ring !== '')
    .map(ring =>
      ring
        .slice(1)
        .split('L')
        .map(pair => pair.split(' ').map(Number)),
    )
    .reduce((sum, ring) => {
      const cross = ring.reduce((area, [ax, ay], i) => {
        const [bx, by] = ring[(i + 1) % ring.length]
        return area + (ax * by - bx * ay) / 2
      }, 0)
      return sum - cross
    }, 0)
}
