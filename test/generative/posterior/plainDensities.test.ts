import * as tf from '@tensorflow/tfjs'
import t from 'tap'
import { makeKey, UsageError } from '../../../core/index.js'
import {
  asTarget,
  type ChainRequest,
  type Density,
  type DiagnosedChains,
  equallyWeighted,
  fitGaussian,
  pointwiseTarget,
  sampleAdaptiveMetropolis,
  sampleEnsemble,
  sampleHmc,
  sampleMetropolis,
  sampleNested,
  sampleNuts,
  temperedSmc,
} from '../../../generative/posterior/index.js'
import { productPrior } from '../../../generative/prior/index.js'

const key = makeKey(0)

/** N(0, diag(1, 4)) in every form that a density may have. */
const log = (x: Float64Array) => -(x[0] ** 2 + x[1] ** 2 / 4) / 2
const withGradient = (x: Float64Array, gradient: Float64Array) => {
  gradient[0] = -x[0]
  gradient[1] = -x[1] / 4
  return log(x)
}
const densities: Readonly<Record<string, Density>> = {
  'a tfjs program': z => tf.sum(tf.square(z).mul(tf.tensor1d([1, 0.25])), 1).mul(-0.5),
  'functions of a point': { point: log, pointWithGradient: withGradient },
  'a target': pointwiseTarget(2, log, withGradient),
}

type Sampler = (density: Density, request: ChainRequest) => Promise<DiagnosedChains>
const samplers: Readonly<Record<string, Sampler>> = {
  sampleNuts,
  sampleHmc,
  sampleMetropolis,
  sampleAdaptiveMetropolis,
  sampleEnsemble,
}

for (const [name, sample] of Object.entries(samplers)) {
  const forms = name === 'sampleNuts' ? Object.keys(densities) : ['functions of a point']
  for (const form of forms) {
    t.test(`${name} of ${form}, with nothing else given`, async t => {
      const { diagnosis, draws, dim, chains, length } = await sample(densities[form], {
        key: key.split(name),
        dim: 2,
        names: ['a', 'b'],
      })
      t.equal(draws.length, dim * chains * length)
      t.ok(diagnosis.trusted, diagnosis.verdict)
      for (const [p, { name, mean, error, sd }] of diagnosis.parameters.entries()) {
        t.equal(name, ['a', 'b'][p])
        t.ok(Math.abs(mean) < 4 * error, `mean ${mean} +- ${error}`)
        t.ok(Math.abs(sd / (p + 1) - 1) < 0.1, `sd ${sd}`)
      }
    })
  }
}

t.test('starts lie where the density is positive, and what is missing is asked for', async t => {
  const positive = { point: (x: Float64Array) => (x[0] > 0 ? -x[0] : -Infinity) }
  const { draws } = await sampleMetropolis(positive, { key, dim: 1, length: 50, warmUp: 50 })
  t.ok(draws.every(x => x > 0))
  await t.rejects(sampleMetropolis(positive, { key }), { message: /give `dim`/ })
  await t.rejects(sampleNuts(positive, { key, dim: 1 }), { message: /expected a target with a gradient/ })
  await t.rejects(sampleMetropolis({ point: () => -Infinity }, { key, dim: 1 }), { message: /give `start`/ })
  await t.rejects(asTarget(pointwiseTarget(2, log), 3), UsageError)
})

t.test('the example of asTarget', async t => {
  const target = await asTarget(z => tf.sum(tf.square(z), 1).mul(-0.5), 2)
  t.same(Array.from(await target.logDensity(Float64Array.of(0, 1, 2, 0))), [-0.5, -2])
  await target.close()
})

/** N(2, 0.1^2) against a uniform prior on [0, 5]: ln Z = ln(0.1 sqrt(2 pi) / 5). */
const prior = productPrior({ rate: { uniform: [0, 5] } })
const logZ = Math.log((0.1 * Math.sqrt(2 * Math.PI)) / 5)
const rates: Readonly<Record<string, Density>> = {
  'a function of a point': { point: ([rate]) => -((rate - 2) ** 2) / 0.02 },
  'a tfjs program': theta => tf.square(theta.sub(2)).sum(1).div(-0.02),
}

for (const [form, likelihood] of Object.entries(rates)) {
  t.test(`evidence and posterior of theta under a prior, by ${form}`, async t => {
    const nested = await sampleNested(likelihood, { prior, key })
    const tempered = await temperedSmc(likelihood, { prior, key })
    for (const run of [nested, tempered]) {
      t.ok(run.trusted && /^nothing speaks against this run: ln Z/.test(run.verdict), run.verdict)
      t.ok(Math.abs(run.logZ - logZ) < 4 * run.logZError, `${run.logZ} +- ${run.logZError}, ${logZ}`)
      const theta = equallyWeighted(run, 1000, makeKey(1))
      const mean = theta.reduce((sum, x) => sum + x, 0) / theta.length
      t.ok(Math.abs(mean - 2) < 0.4 / Math.sqrt(run.effectiveSampleSize), `${mean}`)
    }
  })
}

t.test('a Gaussian fit judged, and one that is not to be believed', async t => {
  for (const [form, density] of Object.entries(densities)) {
    const { fit, judgement, trusted, verdict } = await fitGaussian(density, { dim: 2, key })
    t.ok(trusted, `${form}: ${verdict}`)
    t.ok(fit.mean.every(m => Math.abs(m) < 0.05))
    t.ok(Math.abs(judgement.elbo - Math.log(4 * Math.PI)) < 0.05, `${judgement.elbo}`)
  }
  const heavy: Density = z => tf.log(tf.square(z).sum(1).add(1)).mul(-1.5)
  const { trusted, problems } = await fitGaussian(heavy, { dim: 1, key })
  t.notOk(trusted)
  t.match(problems.join(), /not close to a Gaussian/)
})
