import t from 'tap'
import { makeKey, normal } from '../../../core/index.js'
import { describeSimulations, residualsGiven, standardised } from '../../../generative/sbi/index.js'

const key = makeKey(8)
const rows = 4000
const z = normal(key.split('z'), 2 * rows)
const e = normal(key.split('e'), 3 * rows)
/** A linear column, counts, a constant. */
const x = Float32Array.from({ length: 3 * rows }, (_, i) => {
  const row = Math.floor(i / 3)
  return [5 + 2 * z[2 * row] - z[2 * row + 1] + 0.5 * e[i], Math.round(40 + 10 * e[i]), 9][i % 3]
})
const statistics = describeSimulations({ rows, z, x })

t.test('medians and the middle 68%, whole numbers, and columns that do not vary', t => {
  t.ok(Math.abs(statistics.centre[0] - 5) < 0.2)
  t.ok(Math.abs(statistics.scale[0] - Math.sqrt(5.25)) < 0.15)
  t.same(statistics.whole, [false, true, true])
  t.equal(statistics.scale[2], 1)
  t.end()
})

t.test('standardised numbers keep their order and are all finite', t => {
  const far = Float64Array.from([-1e9, -20, 5, 20, 1e9].flatMap(value => [value, 40, 9]))
  const seen = Array.from(standardised(statistics, far)).filter((_, i) => i % 3 === 0)
  t.ok(seen.every(Number.isFinite))
  t.same(
    [...seen].sort((a, b) => a - b),
    seen,
  )
  t.ok(Math.max(...seen.map(Math.abs)) < 30)
  t.end()
})

t.test('the regression is least squares, its residuals white, and its map goes back', t => {
  const given = Float64Array.from(standardised(statistics, Float64Array.from([6, 40, 9])))
  const { of, back, logScale } = residualsGiven(statistics.posterior, given, 2)
  const points = Float64Array.from([0.3, -1, 2, 0.1])
  t.ok(back(of(points)).every((value, i) => Math.abs(value - points[i]) < 1e-9))
  // Of theta = N(0, I) and one sum with noise, det of the posterior covariance is .25 / 5.25; log |L| is half its
  // logarithm.
  t.ok(Math.abs(logScale - 0.5 * Math.log(0.25 / 5.25)) < 0.05)
  t.end()
})

t.test('draws of one law share their statistics, gaps leave no regression', t => {
  const pairs = describeSimulations(
    { rows, z, x: Float32Array.from({ length: 2 * rows }, (_, i) => x[3 * (i >> 1)] + (i % 2)) },
    2,
  )
  t.equal(pairs.centre[0], pairs.centre[1])
  t.equal(pairs.likelihood?.offset.length, 1)
  const gaps = describeSimulations({ rows, z, x: x.map((value, i) => (i === 4 ? Number.NaN : value)) })
  t.equal(gaps.posterior, undefined)
  t.ok(gaps.centre.every(Number.isFinite))
  t.throws(() => describeSimulations({ rows, z, x }, 2), { message: /2 draws/ })
  t.end()
})
