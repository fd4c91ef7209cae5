import t from 'tap'
import { makeKey } from '../../../core/index.js'
import {
  drawByLikelihood,
  likelihoodMethods,
  likelihoodSamplers,
  pointwiseTarget,
} from '../../../generative/posterior/index.js'
import { productPrior } from '../../../generative/prior/index.js'

/** Priors N(0, 1) and N(1, 2^2), one measurement of each: a ~ 1 +- 0.5, b ~ 3 +- 1. */
const prior = productPrior({ a: { normal: [0, 1] }, b: { normal: [1, 2] } })
const logLikelihood = ([a, b]: Float64Array) => -2 * (a - 1) ** 2 - (b - 3) ** 2 / 2 - Math.log(0.5 * 2 * Math.PI)
const plain = pointwiseTarget(2, logLikelihood)
const likelihood = pointwiseTarget(2, logLikelihood, (x, gradient) => {
  gradient[0] = -4 * (x[0] - 1)
  gradient[1] = 3 - x[1]
  return logLikelihood(x)
})
const exact = { mean: [0.8, 2.6], sd: [Math.sqrt(0.2), Math.sqrt(0.8)] }
/** a ~ N(0, 1.25) at 1, b ~ N(1, 5) at 3 */
const logEvidence = -0.5 * (1 / 1.25 + Math.log(1.25) + 4 / 5 + Math.log(5)) - Math.log(2 * Math.PI)

for (const method of likelihoodMethods) {
  t.test(`${method} draws the exact posterior of a normal model`, async t => {
    const { needsGradient } = likelihoodSamplers[method]
    const n = 2000
    const request = { method, prior, n, key: makeKey(12) }
    const { theta, logProb, diagnostics, problems } = await drawByLikelihood({
      ...request,
      likelihood: needsGradient ? likelihood : plain,
    })
    t.equal(logProb.length, n)
    t.same(problems, [])
    for (const name of ['rhat', 'ess', 'acceptance']) t.ok(Number.isFinite(diagnostics[name]), name)
    for (const p of [0, 1]) {
      const column = theta.filter((_, i) => i % 2 === p)
      const mean = column.reduce((sum, x) => sum + x, 0) / n
      const sd = Math.sqrt(column.reduce((sum, x) => sum + (x - mean) ** 2, 0) / n)
      t.ok(Math.abs(mean - exact.mean[p]) < (4 * exact.sd[p]) / Math.sqrt(diagnostics.ess), `mean ${mean}`)
      t.ok(Math.abs(sd / exact.sd[p] - 1) < 0.12, `sd ${sd}`)
    }
    const { log_evidence: logZ, log_evidence_error: error } = diagnostics
    if (logZ !== undefined) t.ok(Math.abs(logZ - logEvidence) < 4 * error + 0.01, `${logZ} +- ${error}, ${logEvidence}`)
    if (needsGradient) {
      await t.rejects(drawByLikelihood({ ...request, likelihood: plain }), {
        message: /with a gradient for .*draw by ensemble or nested/,
        exitCode: 2,
      })
    }
  })
}
