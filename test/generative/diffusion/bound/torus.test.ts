import t from 'tap'
import { makeKey, type State } from '../../../../core/index.js'
import {
  elbo,
  linearLogSnr,
  logSnrOfSigma,
  meanSquareTarget,
  torusNoise,
  torusSpace,
} from '../../../../generative/diffusion/index.js'
import { meanAndError } from '../mixture.js'
import { drawTorusMixture, torusDenoiser, torusLogProbs, twoClumps } from '../torusMixture.js'

const box = twoClumps.box

t.test('the mean square of the target is that of draws, and 1 below its threshold', t => {
  for (const sigma of [0.35, 0.8, 2, 4]) {
    const drawn = torusNoise(makeKey(1), { shape: [1, 20_000, 1], values: new Float32Array(20_000) }, [sigma], [6])
    const { mean, error } = meanAndError(drawn.target.values.map(v => v * v))
    t.ok(Math.abs(meanSquareTarget(sigma, 6) - mean) < 4 * error, `${meanSquareTarget(sigma, 6)} against ${mean}`)
  }
  t.ok(Math.abs(meanSquareTarget(0.0601, 1) - 1) < 1e-10)
  t.end()
})

for (const points of [1, 40]) {
  t.test(`${points} points on a torus: the exact denoiser's bound is log p within its errors`, async t => {
    const drawn = drawTorusMixture(twoClumps, makeKey(2), points === 1 ? 30 : 8 * points)
    const x: State = { shape: [drawn.shape[1] / points, points, 2], values: drawn.values }
    const schedule = linearLogSnr({ most: 9, least: logSnrOfSigma(6) })
    const bound = await elbo(torusDenoiser(twoClumps), x, {
      key: makeKey(3),
      schedule,
      space: torusSpace(box),
      strata: 12,
      sweeps: points === 1 ? 16 : 6,
    })
    const each = torusLogProbs(twoClumps, drawn)
    const known = bound.value.map((_, c) => each.subarray(c * points, (c + 1) * points).reduce((s, v) => s + v, 0))
    // the decoder's gap: sigma_min^2 / 2 times a curvature of at most 1 / sd^2 an entry
    const gap = (points * 2 * Math.exp(-9)) / 2 / 0.5 ** 2
    const z = bound.value.map((v, i) => (v - known[i]) / bound.error[i])
    const { mean } = meanAndError(z)
    const rms = Math.sqrt(z.reduce((s, v) => s + v * v, 0) / z.length)
    t.comment(
      `error ${meanAndError(bound.error).mean.toFixed(3)} nats; z mean ${mean.toFixed(2)}, rms ${rms.toFixed(2)}`,
    )
    // the mean of z is not 0: of a single point the noise is skewed, low values come with large errors
    t.ok(rms > 0.5 && rms < 1.7)
    const off = meanAndError(bound.value.map((v, i) => v - known[i]))
    t.ok(Math.abs(off.mean) < 4 * off.error + gap, `${off.mean} +- ${off.error}`)
  })
}
