import * as tf from '@tensorflow/tfjs'
import fc from 'fast-check'
import t from 'tap'
import { type Denoiser, makeKey, normal, type State } from '../../../core/index.js'
import {
  cleanOf,
  conversion,
  denoiserFrom,
  diffuse,
  edmPreconditioning,
  logSnrOfSigma,
  type NoiseLevel,
  noiseOf,
  type Prediction,
  posterior,
  preconditioned,
  scoreOf,
  sigmaOfLogSnr,
  targetOf,
  transition,
  varianceExploding,
  variancePreserving,
} from '../../../generative/diffusion/index.js'
import { denoiserOf, drawMixture, rms, threeClumps } from './mixture.js'

await tf.setBackend('cpu')

const seed = 6
const processes: Record<string, (logSnr: number) => NoiseLevel> = { variancePreserving, varianceExploding }
const kinds: readonly Prediction[] = ['eps', 'x', 'v']
const level = fc.double({ min: -9, max: 9, noNaN: true })
const two = fc.tuple(level, level).filter(([a, b]) => Math.abs(a - b) > 0.01)
const close = (a: number, b: number, to = 1e-9) => Math.abs(a - b) <= to * (1 + Math.abs(a) + Math.abs(b))

for (const [name, process] of Object.entries(processes)) {
  t.test(`${name}: steps compose, and the posterior is Bayes' rule`, async () => {
    fc.assert(
      fc.property(two, ([a, b]) => {
        const s = process(Math.max(a, b))
        const t = process(Math.min(a, b))
        const step = transition(s, t)
        const composed =
          close(step.alpha * s.alpha, t.alpha) && close((step.alpha * s.sigma) ** 2 + step.sigma ** 2, t.sigma ** 2)
        // q(z_s | z_t, x) is proportional to N(z_t; alpha_ts z_s, sigma_ts^2) N(z_s; alpha_s x, sigma_s^2): precisions
        // add.
        const precision = step.alpha ** 2 / step.sigma ** 2 + 1 / s.sigma ** 2
        const { ofNoisy, ofClean, sd } = posterior(s, t)
        const bayes =
          close(sd ** 2, 1 / precision, 1e-6) &&
          close(ofNoisy, step.alpha / step.sigma ** 2 / precision, 1e-6) &&
          close(ofClean, s.alpha / s.sigma ** 2 / precision, 1e-6)
        return composed && bayes && close(2 * Math.log(s.alpha / s.sigma), Math.max(a, b), 1e-9)
      }),
      { seed },
    )
  })
}

t.test('divided by alpha the posterior is the same in both processes: one ancestral sampler serves both', async () => {
  fc.assert(
    fc.property(two, ([a, b]) => {
      const [high, low] = [Math.max(a, b), Math.min(a, b)]
      const [s, t] = [variancePreserving(high), variancePreserving(low)]
      const preserving = posterior(s, t)
      const exploding = posterior(varianceExploding(high), varianceExploding(low))
      return (
        close((preserving.ofNoisy * t.alpha) / s.alpha, exploding.ofNoisy, 1e-6) &&
        close(preserving.ofClean / s.alpha, exploding.ofClean, 1e-6) &&
        close(preserving.sd / s.alpha, exploding.sd, 1e-6)
      )
    }),
    { seed },
  )
})

t.test('noise levels: sigma of the exploding process is sigma / alpha of the preserving one', async () => {
  fc.assert(
    fc.property(level, logSnr => {
      const { alpha, sigma } = variancePreserving(logSnr)
      const exploding = sigmaOfLogSnr(logSnr)
      return (
        close(alpha ** 2 + sigma ** 2, 1) &&
        close(sigma / alpha, exploding) &&
        close(Math.sqrt(1 - alpha ** 2) / alpha, exploding, 1e-5) &&
        close(logSnrOfSigma(exploding), logSnr)
      )
    }),
    { seed },
  )
})

for (const kind of kinds) {
  t.test(`${kind}: gives x, eps and the score back, in numbers and as a program`, async () => {
    fc.assert(
      fc.property(fc.double({ min: -5, max: 5, noNaN: true }), fc.integer(), (logSnr, keySeed) =>
        tf.tidy(() => {
          const [values, draws] = [normal(makeKey(keySeed).split('x'), 12), normal(makeKey(keySeed).split('e'), 12)]
          const [x, noise] = [tf.tensor3d(values, [1, 4, 3]), tf.tensor3d(draws, [1, 4, 3])]
          const levels = tf.tensor1d([logSnr])
          const z = diffuse(x, noise, levels)
          const prediction = targetOf(kind, x, noise, levels)
          const { alpha, sigma } = variancePreserving(logSnr)
          const read = conversion(kind, { alpha, sigma })
          const [zs, ps] = [z.dataSync(), prediction.dataSync()]
          const clean = cleanOf(kind, prediction, z, levels).dataSync()
          const eps = noiseOf(kind, prediction, z, levels).dataSync()
          const score = scoreOf(kind, prediction, z, levels).dataSync()
          return values.every((value, i) => {
            const numbers = read.clean[0] * zs[i] + read.clean[1] * ps[i]
            const noises = read.noise[0] * zs[i] + read.noise[1] * ps[i]
            return (
              [clean[i], numbers].every(found => close(found, value, 1e-4)) &&
              [eps[i], noises, -score[i] * sigma].every(found => close(found, draws[i], 1e-4))
            )
          })
        }),
      ),
      { seed, numRuns: 40 },
    )
  })

  for (const [name, process] of Object.entries(processes)) {
    t.test(`${kind}, ${name}: a network that predicts it is the denoiser`, async t => {
      const exact = denoiserOf(threeClumps)
      for (const sigma of [0.1, 1, 10]) {
        const x = drawMixture(threeClumps, makeKey(8), 1, 50, sigma)
        const network = async (z: State, logSnr: number): Promise<State> => {
          const { alpha, sigma: noise } = process(logSnr)
          const clean = await exact({ shape: z.shape, values: z.values.map(v => v / alpha) }, sigmaOfLogSnr(logSnr))
          const values = z.values.map((v, i) => {
            const eps = (v - alpha * clean.values[i]) / noise
            return { eps, x: clean.values[i], v: alpha * eps - noise * clean.values[i] }[kind]
          })
          return { shape: z.shape, values }
        }
        t.ok(rms(await denoiserFrom(kind, network, process)(x, sigma), await exact(x, sigma)) < 1e-5)
      }
    })
  }
}

t.test('preconditioned by EDM: F has unit variance at the start, and is -v for data of sd 1', async t => {
  for (const sigma of [0.01, 0.5, 3, 80]) {
    const { skip, out, input, noise } = edmPreconditioning(sigma, 1)
    const { alpha, sigma: share } = variancePreserving(logSnrOfSigma(sigma))
    // D = alpha z - sigma v with z = alpha x
    t.ok(close(input, alpha) && close(skip, alpha ** 2) && close(out, share))
    t.ok(close(noise, Math.log(sigma) / 4))
    const other = edmPreconditioning(sigma, 0.5)
    t.ok(close(other.input ** 2 * (sigma ** 2 + 0.25), 1))
    // F's target (x - skip (x + sigma eps)) / out has variance 1
    t.ok(close(((1 - other.skip) ** 2 * 0.25 + (other.skip * sigma) ** 2) / other.out ** 2, 1))
  }
  const exact = denoiserOf(threeClumps)
  const x = drawMixture(threeClumps, makeKey(8), 1, 50, 2)
  const network =
    (sigma: number) =>
    async (scaled: State): Promise<State> => {
      const { skip, out, input } = edmPreconditioning(sigma, 1.2)
      const clean = await exact({ shape: scaled.shape, values: scaled.values.map(v => v / input) }, sigma)
      return { shape: scaled.shape, values: clean.values.map((d, i) => (d - (skip * scaled.values[i]) / input) / out) }
    }
  const denoise: Denoiser = preconditioned(network(2), 1.2)
  t.ok(rms(await denoise(x, 2), await exact(x, 2)) < 1e-5)
})
