import t from 'tap'
import { makeKey } from '../../../core/index.js'
import {
  equallyWeighted,
  fitPareto,
  gaussian,
  logSumExp,
  multinomialResample,
  normalisedWeights,
  paretoQuantile,
  paretoSmooth,
  pointwiseTarget,
  randomStream,
  reweigh,
  scaledIdentity,
  systematicResample,
  weightedMean,
} from '../../../generative/posterior/index.js'
import { targets } from './targets.js'

const key = makeKey(20261123)
const golden = (n: number) => Float64Array.from({ length: n }, (_, i) => ((i + 1) * 0.6180339887498949) % 1)

t.test('smoothed weights and k are those of arviz', async t => {
  // python -c "import numpy as np, arviz as az; u = (np.arange(1, n + 1) * 0.6180339887498949) % 1; print(az.psislw(-k
  // * np.log(1 - u)))"   arviz 0.23.4
  const cases: [number, number, number, number[], number][] = [
    [
      400,
      0.8,
      0.7660177296030092,
      [-3.616278462705505, -3.3575027184463853, -2.965065755216905, -2.122161935555727],
      -6.582241853412943,
    ],
    [
      100,
      0.3,
      0.33416893740176806,
      [-3.961745915538784, -3.860027596339454, -3.7036401068718967, -3.5046914072338704],
      -4.659599787377094,
    ],
    // log(u) itself: what a bounded tail smooths to is cut at the largest
    [
      1000,
      0,
      -0.8242332742926903,
      [-6.215460495816141, -6.215460495816141, -6.215460495816141, -6.215460495816141],
      -6.69621911433946,
    ],
  ]
  for (const [n, power, k, last, first] of cases) {
    const logs = golden(n).map(u => (power > 0 ? -power * Math.log(1 - u) : Math.log(u)))
    const smoothed = paretoSmooth(logs)
    t.ok(Math.abs(smoothed.paretoK - k) < 1e-9, `${smoothed.paretoK} ${k}`)
    const total = logSumExp(smoothed.logWeights)
    const order = Array.from(logs.keys()).sort((a, b) => logs[a] - logs[b])
    for (const [i, row] of order.slice(-4).entries()) {
      t.ok(Math.abs(smoothed.logWeights[row] - total - last[i]) < 1e-9, `${n}, ${i}`)
    }
    t.ok(Math.abs(smoothed.logWeights[0] - total - first) < 1e-9)
  }
})

t.test('the shape of a Pareto tail comes back; its quantiles are where its shares lie', async t => {
  for (const k of [-0.3, 0, 0.4, 1]) {
    const pareto = { k, sigma: 2 }
    const values = Float64Array.from({ length: 4000 }, (_, i) => paretoQuantile(pareto, (i + 0.5) / 4000))
    const found = fitPareto(values)
    t.ok(Math.abs(found.k - k) < 0.05, `${found.k} for ${k}`)
    t.ok(Math.abs(found.sigma / 2 - 1) < 0.05, `${found.sigma}`)
    for (const p of [0.1, 0.5, 0.99]) {
      const x = paretoQuantile(pareto, p)
      const above = k === 0 ? Math.exp(-x / 2) : (1 + (k * x) / 2) ** (-1 / k)
      t.ok(Math.abs(above - (1 - p)) < 1e-12)
    }
  }
})

t.test('weights that tell nothing, or are alike, say so', async t => {
  t.equal(paretoSmooth(new Float64Array(100).fill(3)).paretoK, -Infinity)
  t.equal(paretoSmooth(Float64Array.from({ length: 100 }, (_, i) => (i === 7 ? 0 : -1e5))).paretoK, Infinity)
  t.equal(paretoSmooth(new Float64Array(20).fill(-Infinity)).paretoK, Infinity)
  const empty = pointwiseTarget(1, () => -Infinity)
  await t.rejects(reweigh(empty, new Float64Array(9), new Float64Array(9)), /density/)
})

t.test('resampling takes each as often as its weight says', async t => {
  const random = randomStream(key)
  const weights = normalisedWeights([0, -1, -Infinity, 1, 0.3])
  for (const resample of [systematicResample, multinomialResample]) {
    const counts = new Float64Array(5)
    for (const i of resample(weights, 20_000, random)) counts[i]++
    for (const [i, count] of counts.entries()) {
      const bound = resample === systematicResample ? 1 : 4 * Math.sqrt(20_000 * weights[i])
      t.ok(Math.abs(count - 20_000 * weights[i]) <= bound, `${i}: ${count}`)
    }
  }
})

t.test('a wide proposal gives evidence and moments, a narrow one is caught by k', async t => {
  const { target, dim, expectations, logEvidence } = targets['two modes']
  const wide = gaussian(new Float64Array(dim), scaledIdentity(dim, 4))
  const draws = await wide.draw(4000, key.split('wide'))
  const run = await reweigh(target, draws.rows, draws.logProb)
  t.ok(run.reliable && run.paretoK < 0.5, `k ${run.paretoK}`)
  t.ok(Math.abs(run.logZ - logEvidence) < 3 * run.logZError, `${run.logZ} +- ${run.logZError}, ${logEvidence}`)
  for (const { name, of, value } of expectations) {
    const mean = weightedMean(run, of)
    const error = Math.sqrt(weightedMean(run, x => (of(x) - mean) ** 2) / run.effectiveSampleSize)
    t.ok(Math.abs(mean - value) < 4 * error, `${name} ${mean} +- ${error}, ${value}`)
  }
  const even = equallyWeighted(run, 1000, key.split('even'))
  const upper = Array.from({ length: 1000 }, (_, i) => even[i * dim]).filter(x => x > 0).length
  t.ok(Math.abs(upper - 700) < 4 * Math.sqrt((1000 * 0.21 * 1000) / run.effectiveSampleSize), `${upper}`)

  for (const name of ['correlated Gaussian', 'funnel', 'eight schools, centred'] as const) {
    const { target, dim } = targets[name]
    const bad = await gaussian(new Float64Array(dim).fill(0.5), scaledIdentity(dim, 0.5)).draw(2000, key.split(name))
    const { reliable, paretoK } = await reweigh(target, bad.rows, bad.logProb)
    t.notOk(reliable, `${name}: k ${paretoK}`)
  }
})
