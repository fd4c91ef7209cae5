import t from 'tap'
import { type Key, makeKey, normal } from '../../core/index.js'
import {
  againstScatter,
  correlationResponse,
  correlationTest,
  type FieldStatistics,
  type JudgedCurve,
  overFields,
  summaryOf,
} from '../../statistics/index.js'

const edges = [2, 5, 8, 12, 18, 25, 35, 50, 70, 150]
const truth = [2, 6, 5, 2, 1, 0.5, 0.2, 0.05, 0.01]
const scatter = truth.map(x => 0.1 * x + 0.02)

/** A field whose xi is `factor` times the truth, scattered by `scatter` in each bin. */
function measured(key: Key, factor = 1, withError = false): FieldStatistics {
  const noise = normal(key, truth.length)
  const value = Float64Array.from(truth, (x, bin) => factor * x + scatter[bin] * noise[bin])
  const error = withError ? { error: Float64Array.from(scatter) } : {}
  return { xi: { x: edges, x_unit: 'Mpc/h', unit: '', value, ...error } }
}
const many = (name: string, count: number, factor = 1, withError = false) =>
  Array.from({ length: count }, (_, i) => measured(makeKey(7).split(name).split(i), factor, withError))

t.test('at one cosmology: means, scatter of the simulated fields alone, and the error of the difference', async t => {
  const samples = many('drawn', 9, 1.3)
  const references = many('simulated', 12)
  const { xi } = againstScatter([{ samples, references }])
  const [ours, theirs] = [samples, references].map(side => overFields(side.map(field => field.xi.value)))
  t.equal(xi.scatter_from, 'fields')
  t.same(xi.value, ours.mean)
  t.same(xi.reference, theirs.mean)
  for (let bin = 0; bin < truth.length; bin++) {
    t.ok(Math.abs(xi.reference_scatter[bin] - theirs.scatter[bin]) < 1e-12)
    t.ok(Math.abs(xi.difference_error[bin] - Math.hypot(ours.standardError[bin], theirs.standardError[bin])) < 1e-12)
    t.ok(Math.abs(xi.sigmas[bin] - (ours.mean[bin] - theirs.mean[bin]) / theirs.scatter[bin]) < 1e-12)
  }
  const summary = summaryOf(xi)
  t.equal(summary.max_sigma, Math.max(...xi.sigmas.map(Math.abs)))
  t.ok(Math.abs(summary.rms_sigma ** 2 - xi.sigmas.reduce((sum, z) => sum + z * z, 0) / truth.length) < 1e-12)
})

t.test('over cosmologies with one simulation each: its own error, else the spread of the differences', async t => {
  const pairs = (withError: boolean) =>
    Array.from({ length: 60 }, (_, c) => {
      const factor = 0.5 + c / 40
      return { samples: many(`d${c}`, 1, factor), references: many(`s${c}`, 1, factor, withError) }
    })
  const own = againstScatter(pairs(true)).xi
  t.equal(own.scatter_from, 'own')
  for (const [bin, x] of own.reference_scatter.entries()) t.ok(Math.abs(x - scatter[bin]) < 1e-9)
  const differences = againstScatter(pairs(false)).xi
  t.equal(differences.scatter_from, 'differences')
  // 60 differences know their spread to 9%; that of the cosmologies, 30%, must not be in it
  for (const [bin, x] of differences.reference_scatter.entries())
    t.ok(Math.abs(x / scatter[bin] - 1) < 0.35, `${x / scatter[bin]}`)
  for (const xi of [own, differences])
    for (const [bin, error] of xi.difference_error.entries())
      t.ok(Math.abs(error / (scatter[bin] * Math.sqrt(2 / 60)) - 1) < 0.35)
  t.notOk('reference_error' in own, 'each side alone holds the spread of cosmologies')
  const few = againstScatter(pairs(false).slice(0, 2)).xi
  t.equal(few.scatter_from, 'none')
  t.ok(few.sigmas.every(Number.isNaN))
})

t.test(
  'cosmologies count alike however many fields they have, and a bin without scatter has that of one pair',
  async t => {
    const flat = (value: number): FieldStatistics => ({
      xi: { x: [1, 2], x_unit: '', unit: '', value: Float64Array.of(value), quantum: Float64Array.of(0.5) },
    })
    const { xi } = againstScatter([
      { samples: [flat(4)], references: [flat(0), flat(0), flat(0)] },
      { samples: [flat(0), flat(0), flat(0)], references: [flat(0), flat(0), flat(0)] },
    ])
    t.same([xi.value, xi.reference_scatter, xi.sigmas], [[2], [0.5], [4]])
  },
)

t.test('what one field lacks is not compared', async t => {
  const [one, other] = many('x', 2)
  t.same(Object.keys(againstScatter([{ samples: [one], references: [{ ...other, v12: other.xi }] }])), ['xi'])
})

/** A judged curve by hand. */
function curve(changes: Partial<JudgedCurve> = {}): JudgedCurve {
  return {
    x: edges,
    x_unit: 'Mpc/h',
    unit: '',
    value: truth,
    error: [],
    reference: truth,
    reference_scatter: scatter,
    scatter_from: 'fields',
    difference_error: scatter.map(() => 0.001),
    sigmas: [],
    ...changes,
  }
}

t.test('the targets: one scatter from 2 to 150, the larger of 10% and two errors from 8 to 50', async t => {
  const perfect = correlationTest(curve())
  t.match(perfect, { within_one_sigma: true, within_ten_percent: true })
  t.equal(perfect.bins.filter(bin => bin.within_one_sigma !== undefined).length, 9)
  t.same(
    perfect.bins.filter(bin => bin.within_ten_percent !== undefined).map(bin => [bin.from, bin.to]),
    [
      [8, 12],
      [12, 18],
      [18, 25],
      [25, 35],
      [35, 50],
    ],
  )
  const moved = (bin: number, by: number, changes: Partial<JudgedCurve> = {}) =>
    correlationTest(curve({ value: truth.map((x, at) => (at === bin ? x + by : x)), ...changes }))
  // 12-18: xi 2, scatter .22, 10% .2
  t.match(moved(3, 0.19), { within_one_sigma: true, within_ten_percent: true })
  t.match(moved(3, -0.21), { within_one_sigma: true, within_ten_percent: false })
  t.match(moved(3, -0.23), { within_one_sigma: false, within_ten_percent: false })
  const noisy = { difference_error: truth.map(() => 0.11) }
  t.match(moved(3, 0.21, noisy), { within_ten_percent: true }, 'two errors are .22')
  t.match(moved(3, 0.225, noisy), { within_ten_percent: false })
  // 2-5 and 50-70 are judged by the scatter alone, and 10% is of the modulus
  t.match(moved(0, 0.21), { within_one_sigma: true, within_ten_percent: true })
  t.match(moved(7, 0.026), { within_one_sigma: false, within_ten_percent: true })
  t.match(correlationTest(curve({ value: truth.map(x => -x), reference: truth.map(x => -1.05 * x) })), {
    within_ten_percent: true,
  })
})

t.test('nothing measured is nothing met; no bin in a range is no verdict', async t => {
  const unknown = curve({
    reference_scatter: truth.map(() => Number.NaN),
    difference_error: truth.map(() => Number.NaN),
  })
  t.match(correlationTest({ ...unknown, value: truth.map(x => 1.05 * x) }), {
    within_one_sigma: false,
    within_ten_percent: true,
  })
  const far = correlationTest(curve({ x: [160, 200], value: [1], reference: [1] }))
  t.same(Object.keys(far), ['bins'])
})

t.test('the response: slope 1 where drawn fields follow theta, through the noise of the simulated ones', async t => {
  const pairs = (exponent: number) =>
    Array.from({ length: 80 }, (_, c) => {
      const factor = 0.8 + c / 200
      return {
        samples: many(`d${c}`, 1, 1 + exponent * (factor - 1)),
        references: many(`s${c}`, 1, factor, true),
      }
    })
  for (const exponent of [1, 0.4]) {
    const response = correlationResponse(pairs(exponent))
    t.equal(response.length, truth.length)
    for (const { slope, error } of response.slice(0, 4)) {
      t.ok(error > 0 && error < 0.6, `error ${error}`)
      t.ok(Math.abs(slope - exponent) < 3.5 * error, `${slope} +- ${error}, not ${exponent}`)
    }
  }
  t.same(correlationResponse(pairs(1).slice(0, 3)), [], 'three cosmologies say nothing')
})
