import t from 'tap'
import { makeKey, normal } from '../../../core/index.js'
import { choleskyRaised } from '../../../generative/posterior/cholesky.js'
import {
  cholesky,
  logMeanExp,
  logSumExp,
  normalisedWeights,
  relativeWeights,
  resampleByLogWeights,
  weightedSampleSize,
} from '../../../generative/posterior/index.js'
import { logNormalRow, logNormalRows } from '../../../generative/prior/index.js'

const key = makeKey(4)
const logs = Float64Array.from(normal(key.split('logs'), 300), x => 3 * x)

t.test('sums, means and sizes of weights from their logarithms', async t => {
  const plain = logs.map(Math.exp)
  const sum = plain.reduce((a, b) => a + b, 0)
  t.ok(Math.abs(logSumExp(logs) - Math.log(sum)) < 1e-12)
  t.ok(Math.abs(logMeanExp(logs) - Math.log(sum / 300)) < 1e-12)
  t.ok(Math.abs(logMeanExp(logs.map(log => log + 800)) - Math.log(sum / 300) - 800) < 1e-12)
  const size = sum ** 2 / plain.reduce((a, b) => a + b * b, 0)
  for (const of of [relativeWeights, normalisedWeights]) {
    t.ok(Math.abs(weightedSampleSize(of(logs)) / size - 1) < 1e-12)
  }
  const none = new Float64Array(9).fill(-Infinity)
  t.equal(weightedSampleSize(relativeWeights(none)), 0)
  t.equal(logMeanExp(none), -Infinity)
  t.ok(Number.isNaN(logMeanExp([0, Number.NaN])))
})

t.test('systematic resampling keeps every weight to within one draw', async t => {
  const weights = normalisedWeights(logs)
  const counts = new Float64Array(300)
  for (const row of resampleByLogWeights(logs, key.split('resample'))) counts[row]++
  t.ok(counts.every((count, i) => Math.abs(count - 300 * weights[i]) < 1 + 1e-9))
  const even = resampleByLogWeights(new Float64Array(1000), key)
  t.ok(even.every((row, i) => row === i))
})

t.test('log N(0, I) is the same by rows and by coordinates', async t => {
  const rows = logNormalRows(logs, 3)
  t.ok(rows.every((log, row) => Math.abs(logNormalRow(logs, row, 3) - log) < 1e-12 * Math.abs(log)))
})

t.test('Cholesky: refused where a matrix is singular, raised where it is so by its errors', async t => {
  const singular = Float64Array.of(1, 1, 1, 1)
  t.equal(cholesky(singular, 2), undefined)
  t.same(Array.from(choleskyRaised(singular, 2, 1e-10)), [1, 0, 1, 1e-5])
})
