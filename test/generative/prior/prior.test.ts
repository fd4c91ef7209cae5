import fc from 'fast-check'
import t from 'tap'
import { makeKey } from '../../../core/index.js'
import {
  type DifferentiablePrior,
  drawPrior,
  gaussianPrior,
  logNormalRows,
  productPrior,
  readPrior,
} from '../../../generative/prior/index.js'

const seed = { seed: 20261123, numRuns: 200 }
const covariance = [2, 0.6, -0.3, 0.6, 1, 0.2, -0.3, 0.2, 0.5]

const priors: Record<string, DifferentiablePrior> = {
  uniform: productPrior({ a: { uniform: [-1, 3] }, b: { uniform: [100, 101] } }),
  normal: productPrior({ a: { normal: [2, 0.1] } }),
  lognormal: productPrior({ a: { lognormal: [-3, 0.5] } }),
  mixed: productPrior({ a: { lognormal: [0, 1] }, b: { normal: [0, 3] }, c: { uniform: [0, 1e-3] } }),
  joint: gaussianPrior(['a', 'b', 'c'], [1, -2, 0], covariance),
}

for (const [name, prior] of Object.entries(priors)) {
  const p = prior.names.length
  const rows = fc
    .array(fc.double({ min: -7, max: 7, noNaN: true }), { minLength: p, maxLength: 4 * p })
    .map(z => Float64Array.from(z.slice(0, z.length - (z.length % p))))

  t.test(`${name}: toNormal undoes toTheta`, async t => {
    fc.assert(
      fc.property(rows, z => {
        const back = prior.toNormal(prior.toTheta(z))
        // theta near the end of a box keeps 16 digits of the end, z as many as the slope there lets through
        return z.every((value, at) => Math.abs(back[at] - value) < 1e-9 + 2e-13 * Math.exp((value * value) / 2))
      }),
      seed,
    )
    t.pass()
  })

  t.test(`${name}: logProb is log N(z) less the log-determinant of the map`, async t => {
    fc.assert(
      fc.property(rows, z => {
        const mild = z.map(value => value / 2)
        const [logProb, logNormal] = [prior.logProb(prior.toTheta(mild)), logNormalRows(mild, p)]
        return logProb.every((value, row) => {
          const logDet = Math.log(Math.abs(determinant(jacobian(prior, mild.slice(row * p, (row + 1) * p)), p)))
          return Math.abs(logNormal[row] - logDet - value) < 1e-5
        })
      }),
      { ...seed, numRuns: 50 },
    )
    t.pass()
  })

  t.test(`${name}: pullBack is the transposed Jacobian`, async t => {
    const z = Float64Array.from({ length: p }, (_, i) => 0.4 - 0.7 * i)
    const gradient = z.map((_, i) => 1 + i)
    const matrix = jacobian(prior, z)
    const pulled = prior.pullBack(z, gradient)
    for (let j = 0; j < p; j++) {
      let sum = 0
      for (let i = 0; i < p; i++) sum += matrix[i * p + j] * gradient[i]
      t.ok(Math.abs(sum - pulled[j]) < 1e-6 * (1 + Math.abs(sum)))
    }
  })
}

t.test('moments of draws', async t => {
  const n = 40_000
  const theta = drawPrior(productPrior({ a: { uniform: [-1, 3] }, b: { lognormal: [0, 0.5] } }), n, makeKey(1))
  const column = (at: number) => theta.filter((_, i) => i % 2 === at)
  const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length
  // standard errors: sqrt(16 / 12 / n) = .006; of exp(z / 2), variance (e^.25 - 1) e^.25, .003
  t.ok(Math.abs(mean(column(0)) - 1) < 0.024)
  t.ok(Math.abs(mean(column(1)) - Math.exp(0.125)) < 0.012)
  const joint = drawPrior(priors.joint, n, makeKey(2))
  for (let i = 0; i < 3; i++)
    for (let j = 0; j < 3; j++) {
      let sum = 0
      for (let row = 0; row < n; row++)
        sum += (joint[3 * row + i] - [1, -2, 0][i]) * (joint[3 * row + j] - [1, -2, 0][j])
      t.ok(Math.abs(sum / n - covariance[3 * i + j]) < 0.06, `covariance ${i} ${j}`)
    }
})

t.test('golden densities', async t => {
  const near = (found: number, expected: number) => t.ok(Math.abs(found - expected) < 1e-12 * Math.abs(expected))
  // scipy.stats.lognorm(s=.5, scale=numpy.exp(-3)).logpdf(.07)   scipy 1.17.1
  near(priors.lognormal.logProb(Float64Array.of(0.07))[0], 2.201261239425947)
  // scipy.stats.multivariate_normal([1,-2,0], [[2,.6,-.3],[.6,1,.2],[-.3,.2,.5]]).logpdf([0,0,1])
  near(priors.joint.logProb(Float64Array.of(0, 0, 1))[0], -5.960233544978177)
  // scipy.stats.norm.cdf(-6)
  near(productPrior({ a: { uniform: [0, 4] } }).toTheta(Float64Array.of(-6))[0], 4 * 9.865876450376946e-10)
})

t.test('the examples in the docs', async t => {
  const prior = productPrior({ mass: { uniform: [0, 2] }, slope: { normal: [1, 0.5] } })
  t.same(Array.from(prior.toTheta(Float64Array.of(0, 2))), [1, 2])
  t.same(Array.from(prior.logProb(Float64Array.of(3, 1))), [-Infinity])
  t.same(Array.from(gaussianPrior(['a', 'b'], [1, 2], [4, 2, 2, 5]).toTheta(Float64Array.of(1, 0))), [3, 3])
})

t.test('outside the support', async t => {
  const outside = Float64Array.of(4, 100.5)
  t.equal(priors.uniform.logProb(outside)[0], -Infinity)
  t.notOk(Number.isFinite(priors.uniform.toNormal(outside)[0]))
  t.equal(priors.lognormal.logProb(Float64Array.of(-1))[0], -Infinity)
  t.notOk(Number.isFinite(priors.lognormal.toNormal(Float64Array.of(0))[0]))
})

t.test('a prior as JSON', async t => {
  const json = { mass: { uniform: [0, 2] }, slope: { normal: [1, 0.5] }, rate: { lognormal: [-1, 0.3] } }
  const prior = readPrior(JSON.parse(JSON.stringify(json)))
  t.same(prior.names, ['mass', 'slope', 'rate'])
  t.same(readPrior(prior.marginals).toTheta(Float64Array.of(0, 0, 0)), prior.toTheta(Float64Array.of(0, 0, 0)))
  t.same(Array.from(prior.toTheta(Float64Array.of(0, 2, 0))), [1, 2, Math.exp(-1)])
  const wrong: [unknown, RegExp][] = [
    [null, /JSON object.*got null/],
    [[], /JSON object/],
    [{}, /at least one parameter/],
    [{ a: { gamma: [1, 2] } }, /prior of a to be one of uniform, normal, lognormal.*gamma/],
    [{ a: { uniform: [1, 2], normal: [0, 1] } }, /prior of a to be one of/],
    [{ a: { uniform: [1] } }, /two numbers for the uniform prior of a/],
    [{ a: { normal: [0, '1'] } }, /two numbers/],
    [{ a: { uniform: [2, 1] } }, /prior of a to have two finite ends, the lower first.*\[2, 1\]/],
    [{ a: { normal: [0, 0] } }, /positive deviation/],
  ]
  for (const [bad, message] of wrong) t.throws(() => readPrior(bad), { message, exitCode: 2 })
  t.throws(() => gaussianPrior(['a', 'b'], [0, 0], [1, 2, 2, 1]), { message: /got one that is not positive definite/ })
  t.throws(() => gaussianPrior(['a', 'b'], [0, 0], [1, 0.5, 0.4, 1]), { message: /got 0.4 at \[1, 0\] and 0.5 at/ })
  t.throws(() => productPrior({ a: { uniform: [0, 1] }, b: { normal: [0, 1] } }).toTheta(new Float64Array(3)), {
    message: /rows of 2 parameters/,
  })
})

/** d theta_i / d z_j by central differences, `[p, p]`. */
function jacobian(prior: DifferentiablePrior, z: Float64Array): Float64Array {
  const p = z.length
  const out = new Float64Array(p * p)
  for (let j = 0; j < p; j++) {
    const [up, down] = [1e-5, -1e-5].map(step => prior.toTheta(z.map((value, at) => (at === j ? value + step : value))))
    for (let i = 0; i < p; i++) out[i * p + j] = (up[i] - down[i]) / 2e-5
  }
  return out
}

function determinant(m: Float64Array, p: number): number {
  if (p === 1) return m[0]
  if (p === 2) return m[0] * m[3] - m[1] * m[2]
  return m[0] * (m[4] * m[8] - m[5] * m[7]) - m[1] * (m[3] * m[8] - m[5] * m[6]) + m[2] * (m[3] * m[7] - m[4] * m[6])
}
