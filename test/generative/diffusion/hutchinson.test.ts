import * as tf from '@tensorflow/tfjs'
import t from 'tap'
import { makeKey, type State } from '../../../core/index.js'
import {
  compileProbes,
  exactTrace,
  flowLogProb,
  flowTarget,
  gaussianBase,
  hutchinsonLogProb,
  probedByDifferences,
  type ThetaDenoiser,
  tracedByDifferences,
} from '../../../generative/diffusion/index.js'
import { gaussianPrior } from '../../../generative/prior/index.js'
import { mixtureAt, mixtureProgram } from './bound/thetaMixture.js'
import { denoiserOf, drawMixture, logProbs } from './mixture.js'

await tf.setBackend('cpu')

const theta = [0.8, 0.3]
const truth = mixtureAt(theta)
const ends = [0.02, 60] as const
const cloudSums = (x: State, sigma: number) => {
  const each = logProbs(truth, x, sigma)
  const points = x.shape[1]
  return Float64Array.from({ length: x.shape[0] }, (_, c) =>
    each.subarray(c * points, (c + 1) * points).reduce((s, v) => s + v, 0),
  )
}
const probesOf = ({ shape }: State, probes: number) =>
  compileProbes(mixtureProgram, {}, { parameters: 2, shape, probes }, { threads: 1 })
const base = (x: State) => cloudSums(x, ends[1])

t.test('the trace by autodiff is that by differences', async t => {
  const x = drawMixture(truth, makeKey(1), 3, 2)
  const { at, release } = await probesOf(x, 4)
  for (const sigma of [0.05, 0.5, 3]) {
    const exact = await exactTrace(at(theta))(x, sigma)
    const differences = await tracedByDifferences(denoiserOf(truth), 0.02)(x, sigma)
    exact.forEach((trace, i) => {
      t.ok(Math.abs(trace - differences[i]) < 2e-3 * Math.abs(trace) + 1e-4, `${trace} against ${differences[i]}`)
    })
  }
  await release()
})

for (const points of [1, 50]) {
  t.test(
    `${2 * points} entries: the flow by exact traces and by probes is log p, within the errors stated`,
    async t => {
      const drawn = drawMixture(truth, makeKey(2), 1, 6 * points, ends[0])
      const x: State = { shape: [6, points, 2], values: drawn.values }
      const known = cloudSums(x, ends[0])
      if (points === 1) {
        const { at, release } = await compileProbes(
          mixtureProgram,
          {},
          { parameters: 2, shape: x.shape, probes: 2 },
          { threads: 1 },
        )
        const exact = await flowLogProb(denoiserOf(truth), x, ends, { base, trace: exactTrace(at(theta)) })
        exact.logProb.forEach((log, i) => {
          t.ok(Math.abs(log - known[i]) < 2e-3, `${log} against ${known[i]}`)
        })
        await release()
      }
      const probes = 16
      const { at, release } = await compileProbes(
        mixtureProgram,
        {},
        { parameters: 2, shape: x.shape, probes: probes },
        { threads: 1 },
      )
      const found = await hutchinsonLogProb(at(theta), x, ends, { base, key: makeKey(3), probes })
      await release()
      const z = found.logProb.map((log, i) => (log - known[i]) / Math.hypot(found.error[i], 2e-3))
      t.comment(
        `errors ${[...found.error].map(e => e.toFixed(3)).join(', ')}; off by ${[...z].map(v => v.toFixed(2)).join(', ')} of them; ${found.evaluations} evaluations`,
      )
      for (const v of z) t.ok(Math.abs(v) < 4)
      const rms = Math.sqrt(z.reduce((s, v) => s + v * v, 0) / z.length)
      t.ok(rms < 1.9, `rms ${rms}`)
      if (points > 1)
        t.ok(
          found.error.every(e => e > 0.1),
          'probes do differ here: the check above is one',
        )
    },
  )
}

t.test('what else a network reads meets the right cloud among its probes', async t => {
  const two = drawMixture(truth, makeKey(7), 2, 1)
  const shifts = { shape: [2, 1, 2], values: Float32Array.of(0.1, -0.2, 0.3, 0.4) }
  const shifted: ThetaDenoiser = (params, at, sigma, theta, more) =>
    mixtureProgram(params, tf.add(at, (more as { shift: tf.Tensor }).shift), sigma, theta, {})
  const read = await compileProbes(
    shifted,
    {},
    { parameters: 2, shape: two.shape, probes: 2 },
    { threads: 1, given: () => ({ shift: shifts }) },
  )
  const plain = await compileProbes(mixtureProgram, {}, { parameters: 2, shape: two.shape, probes: 2 }, { threads: 1 })
  const vectors = Float32Array.of(1, 0, 0, 1, 1, 1, 1, -1)
  const moved: State = { shape: two.shape, values: two.values.map((v, i) => v + shifts.values[i]) }
  const thetas = [0.8, 0.3, -0.2, 1]
  const [a, b] = [await read.at(thetas)(two, 0.4, vectors), await plain.at(thetas)(moved, 0.4, vectors)]
  a.clean.values.forEach((value, i) => {
    t.ok(Math.abs(value - b.clean.values[i]) < 1e-5)
  })
  a.quadratic.forEach((value, i) => {
    t.ok(Math.abs(value - b.quadratic[i]) < 1e-5)
  })
  await Promise.all([read.release(), plain.release()])
})

t.test('probes by differences are those by autodiff', async t => {
  const x = drawMixture(truth, makeKey(4), 2, 3)
  const { at, release } = await probesOf(x, 3)
  const vectors = Float32Array.from({ length: 2 * 3 * 6 }, (_, i) => ((i * 7919) % 13) / 6 - 1)
  for (const sigma of [0.1, 1]) {
    const a = await at(theta)(x, sigma, vectors)
    const b = await probedByDifferences(denoiserOf(truth), 3)(x, sigma, vectors)
    a.quadratic.forEach((value, i) => {
      t.ok(Math.abs(value - b.quadratic[i]) < 3e-3 * Math.abs(value) + 1e-3, `${value}, ${b.quadratic[i]}`)
    })
    a.clean.values.forEach((value, i) => {
      t.ok(Math.abs(value - b.clean.values[i]) < 1e-5)
    })
  }
  await release()
})

t.test(
  'as a target over z: each row has its own theta, more rows than the batch run in turns, probes are shared',
  async t => {
    const x = drawMixture(truth, makeKey(5), 1, 1, ends[0])
    const compiled = await compileProbes(
      mixtureProgram,
      {},
      { parameters: 2, shape: [3, 1, 2], probes: 2 },
      { threads: 1 },
    )
    const prior = gaussianPrior(['where', 'logit'], [0.5, 0], [0.4, 0.2, 0.2, 0.5])
    // so far out that a base that knows nothing of theta is right: what it misses falls as mean / sigma
    const far = [ends[0], 2000] as const
    const wide = gaussianBase(Math.hypot(far[1], 1))
    const z = Float64Array.from([0, 0, 0.5, -0.3, -0.4, 0.8, 1, 1])
    const target = flowTarget(compiled, x, far, { base: wide, prior, traces: 'exact' })
    const found = await target.logDensity(z)
    const theta = prior.toTheta(z)
    found.forEach((log, row) => {
      const known = logProbs(mixtureAt(theta.subarray(2 * row, 2 * row + 2)), x, ends[0])[0]
      const normal = -(z[2 * row] ** 2 + z[2 * row + 1] ** 2) / 2 - Math.log(2 * Math.PI)
      t.ok(Math.abs(log - known - normal) < 5e-3, `${log} against ${known + normal}`)
    })
    const rough = await flowTarget(compiled, x, far, { base: wide, prior, traces: makeKey(6) }).logDensity(z)
    const again = await flowTarget(compiled, x, far, { base: wide, prior, traces: makeKey(6) }).logDensity(
      z.slice(4, 6),
    )
    t.ok(Math.abs(again[0] - rough[2]) < 1e-2, 'a row knows neither its place nor its neighbours, but for the solver')
    t.ok(
      rough.some((log, row) => Math.abs(log - found[row]) > 0.02),
      'two probes are an estimate',
    )
    await compiled.release()
  },
)
