import t from 'tap'
import { makeKey, normal } from '../../../core/index.js'
import { logIntegral } from './quadrature.js'
import { targets } from './targets.js'

const key = makeKey(20261123)

for (const [name, { dim, prior, target, logLikelihood }] of Object.entries(targets)) {
  t.test(`${name}: gradients, and the prior as the image of a standard normal`, async t => {
    const z = Float64Array.from(normal(key.split(name), 20 * dim))
    const theta = prior.toTheta(z)
    const back = prior.toNormal(theta)
    for (const [i, u] of z.entries()) t.ok(Math.abs(back[i] - u) < 1e-6, `z ${u} came back as ${back[i]}`)
    const { logDensity, gradient } = await target.withGradient!(theta)
    for (let row = 0; row < 20; row++) {
      const at = theta.slice(row * dim, (row + 1) * dim)
      const log = prior.logProb(at)[0] + logLikelihood(at, new Float64Array(dim))
      t.ok(Math.abs(log - logDensity[row]) < 1e-9 * Math.abs(log))
      // dtheta / dz by differences: prior(theta) |det| = N(z)
      for (let i = 0; i < dim; i++) {
        const step = 1e-5 * Math.max(Math.abs(at[i]), 1e-2)
        const [up, down] = [Float64Array.from(at), Float64Array.from(at)]
        up[i] += step
        down[i] -= step
        const [plus, minus] = [(await target.logDensity(up))[0], (await target.logDensity(down))[0]]
        const difference = (plus - minus) / (2 * step)
        const error = Math.abs(difference - gradient[row * dim + i])
        t.ok(
          error < 1e-4 * Math.abs(difference) + (1e-10 * Math.abs(logDensity[row])) / step + 1e-5,
          `${i}: ${difference}, ${gradient[row * dim + i]}`,
        )
      }
    }
    for (let row = 0; row < 3; row++) {
      const at = z.slice(row * dim, (row + 1) * dim)
      const jacobian = Array.from({ length: dim }, (_, i) => {
        const [up, down] = [Float64Array.from(at), Float64Array.from(at)]
        up[i] += 1e-5
        down[i] -= 1e-5
        const [plus, minus] = [prior.toTheta(up), prior.toTheta(down)]
        return (plus[i] - minus[i]) / 2e-5
      })
      // the maps are triangular
      const logDet = jacobian.reduce((sum, d) => sum + Math.log(d), 0)
      const expected = at.reduce((sum, u) => sum - (u * u) / 2 - Math.log(2 * Math.PI) / 2, 0) - logDet
      t.ok(Math.abs(prior.logProb(prior.toTheta(at))[0] - expected) < 1e-4, `${expected}`)
    }
  })
}

t.test('evidence: by importance draws from the prior where that can work', async t => {
  // two dimensions
  for (const name of ['banana', 'two modes'] as const) {
    const { prior, logLikelihood, logEvidence, dim, expectations } = targets[name]
    const theta = prior.toTheta(Float64Array.from(normal(key.split('evidence'), 60_000 * dim)))
    const weights = Float64Array.from({ length: theta.length / dim }, (_, i) =>
      Math.exp(logLikelihood(theta.subarray(i * dim, (i + 1) * dim), new Float64Array(dim))),
    )
    const total = weights.reduce((a, b) => a + b, 0)
    const error = Math.sqrt(weights.reduce((a, b) => a + b * b, 0)) / total
    const log = Math.log(total / weights.length)
    t.ok(Math.abs(log - logEvidence) < 4 * error, `${name}: ${log} +- ${error}, ${logEvidence}`)
    for (const { name, of, value } of expectations) {
      const values = weights.map((_, i) => of(theta.subarray(i * dim, (i + 1) * dim)))
      const mean = values.reduce((sum, v, i) => sum + weights[i] * v, 0) / total
      const off = Math.sqrt(values.reduce((sum, v, i) => sum + (weights[i] * (v - mean)) ** 2, 0)) / total
      t.ok(Math.abs(mean - value) < 4 * off, `${name}: ${mean} +- ${off}, ${value}`)
    }
  }
})

t.test('the Gaussian in ten dimensions is that of scipy', async t => {
  // S = toeplitz(.95**arange(10)); multivariate_normal(zeros(10), S+9*eye(10)).logpdf(ones(10)); V =
  // inv(inv(S)+eye(10)/9); m = V @ inv(S) @ ones(10)
  const { logEvidence, expectations } = targets['correlated Gaussian']
  const value = (name: string) => expectations.find(one => one.name === name)?.value ?? Number.NaN
  t.ok(Math.abs(logEvidence - -20.874323078714916) < 1e-8, `${logEvidence}`)
  t.ok(Math.abs(value('<x0>') - 0.5411445376545774) < 1e-8, `${value('<x0>')}`)
  t.ok(Math.abs(value('<x4 x5>') - 0.7499704064324028) < 1e-8, `${value('<x4 x5>')}`)
})

t.test('quadrature knows a Gaussian', async t => {
  t.ok(Math.abs(logIntegral(x => (-x * x) / 8, [-30, 30]) - Math.log(8 * Math.PI) / 2) < 1e-12)
})
