import t from 'tap'
import { makeKey } from '../../../core/index.js'
import {
  inNormalCoordinates,
  pointwiseTarget,
  temperedDraws,
  temperedSmc,
  weightedMean,
} from '../../../generative/posterior/index.js'
import { type KnownTarget, targets } from './targets.js'

const key = makeKey(607)

function likelihoodOf({ dim, prior, logLikelihood }: KnownTarget) {
  const gradient = new Float64Array(dim)
  return inNormalCoordinates(
    pointwiseTarget(dim, theta => logLikelihood(theta, gradient)),
    prior,
  )
}

/** What it costs to forget is what the targets differ in: at so little correlation walks go on. */
const correlations: Readonly<Record<string, number>> = { 'correlated Gaussian': 0.3, banana: 0.5 }

/** Walks of one size for all are too long for its neck. */
const cannot = ['funnel']

for (const [name, known] of Object.entries(targets)) {
  t.test(`${name}: evidence, moments and quantiles by tempering, or a warning`, async t => {
    const correlation = correlations[name] ?? 0.2
    const options = { particles: 400, correlation, mostMoves: 100 }
    const run = await temperedSmc(likelihoodOf(known), key.split(name), options)
    // no walk leads from one mode to the other; their shares are those of the tempering
    if (!cannot.includes(name) && name !== 'two modes') t.ok(run.settled, `correlations ${run.correlations}`)
    t.ok(run.temperatures.every((beta, i) => beta > (run.temperatures[i - 1] ?? 0)) && run.temperatures.at(-1) === 1)
    t.ok(run.acceptance > 0.1 && run.acceptance < 0.6, `acceptance ${run.acceptance}`)
    if (cannot.includes(name)) {
      t.notOk(run.settled, `correlations ${run.correlations}`)
      return
    }
    const off = Math.abs(run.logZ - known.logEvidence) / run.logZError
    t.ok(off < 3, `ln Z ${run.logZ} +- ${run.logZError}, ${known.logEvidence}`)
    const draws = { ...run, draws: known.prior.toTheta(run.draws) }
    for (const { name: what, of, value } of known.expectations) {
      const mean = weightedMean(draws, of)
      const error = Math.sqrt(weightedMean(draws, x => (of(x) - mean) ** 2) / run.effectiveSampleSize)
      t.ok(Math.abs(mean - value) < 4 * error, `${what} ${mean} +- ${error}, ${value}`)
    }
  })
}

t.test('errors of ln Z are those of repetitions', async t => {
  const [runs, dim] = [30, 2]
  // ln Z = ln N(1/2; 0, 1.01) twice
  const truth = -(Math.log(2 * Math.PI * 1.01) + 0.25 / 1.01)
  const likelihood = pointwiseTarget(dim, x =>
    x.reduce((sum, u) => sum - ((u - 0.5) / 0.1) ** 2 / 2 - Math.log(0.1 * Math.sqrt(2 * Math.PI)), 0),
  )
  let square = 0
  for (let i = 0; i < runs; i++) {
    const { logZ, logZError } = await temperedSmc(likelihood, key.split('again').split(i), { particles: 200 })
    square += ((logZ - truth) / logZError) ** 2 / runs
  }
  // chi-square of 30 over 30: 0.39 to 1.99 holds 99.9%
  t.ok(square > 0.39 && square < 1.99, `mean square ${square} in units of the error's`)
})

t.test('walks that are too short say so', async t => {
  const run = await temperedSmc(likelihoodOf(targets['correlated Gaussian']), key, { particles: 200, mostMoves: 2 })
  t.ok(Math.max(...run.correlations) > 0.5, `${run.correlations}`)
  t.notOk(run.settled)
  t.ok(run.effectiveSampleSize < 195)
  await t.rejects(
    temperedSmc(
      pointwiseTarget(1, () => Number.NaN),
      key,
    ),
    /likelihood/,
  )
})

t.test('draws with local walks and leaps find both modes, in the right shares, and the evidence', async t => {
  const known = targets['two modes']
  const likelihood = likelihoodOf(known)
  const n = 2000
  const { z, logProb, diagnostics } = await temperedDraws({
    logLikelihood: async z => likelihood.logDensity(z),
    dim: known.dim,
    n,
    key: key.split('draws'),
  })
  t.ok(Math.abs(diagnostics.log_evidence - known.logEvidence) < 0.15, `${diagnostics.log_evidence}`)
  const weights = new Float64Array(n).fill(1 / n)
  const draws = { dim: known.dim, draws: known.prior.toTheta(z), weights, effectiveSampleSize: n }
  for (const { name: what, of, value } of known.expectations) {
    const mean = weightedMean(draws, of)
    // the shares of the modes are as good as the first resampling left them: some hundred independent draws
    const error = Math.sqrt(weightedMean(draws, x => (of(x) - mean) ** 2) / 400)
    t.ok(Math.abs(mean - value) < 4 * error, `${what} ${mean} +- ${error}, ${value}`)
  }
  const target = await likelihood.logDensity(z.subarray(0, known.dim))
  const square = z.subarray(0, known.dim).reduce((sum, u) => sum + u * u, 0)
  const expected = target[0] - square / 2 - (known.dim / 2) * Math.log(2 * Math.PI) - diagnostics.log_evidence
  t.ok(Math.abs(logProb[0] - expected) < 1e-9)
})
