import * as tf from '@tensorflow/tfjs'
import t from 'tap'
import { makeKey, UsageError } from '../../../core/index.js'
import { guided, heun, karrasSigmas, keepCondition, withDropout } from '../../../generative/diffusion/index.js'
import { denoiserOf, drawMixture, oneGaussian, rms } from './mixture.js'

await tf.setBackend('cpu')

const [given, any] = [denoiserOf(oneGaussian(0.5, 1)), denoiserOf(oneGaussian(1, 0))]
const noise = drawMixture(oneGaussian(0), makeKey(1), 1, 100, 20)
const sigmas = karrasSigmas({ largest: 20, smallest: 0.01, steps: 12 })

t.test(
  'guidance 1 is the conditional model, 0 the unconditional one, and between and beyond they are on a line',
  async t => {
    t.strictSame(await heun(guided(given, any, 1), noise, sigmas), await heun(given, noise, sigmas))
    t.strictSame(await heun(guided(given, any, 0), noise, sigmas), await heun(any, noise, sigmas))
    for (const weight of [1, 0]) {
      // the same where both are asked: a weight just off the whole number
      t.ok(rms(await guided(given, any, weight + 1e-7)(noise, 2), await guided(given, any, weight)(noise, 2)) < 1e-4)
    }
    const [one, zero] = [await given(noise, 2), await any(noise, 2)]
    const three = await guided(given, any, 3)(noise, 2)
    three.values.forEach((value, i) => {
      const line = zero.values[i] + 3 * (one.values[i] - zero.values[i])
      if (Math.abs(value - line) > 1e-4) t.fail(`${value} for ${line}`)
    })
    t.throws(() => guided(given, any, Number.NaN), UsageError)
  },
)

t.test('dropping: as often as asked, and told from a condition of zeros', async t => {
  const keep = keepCondition(makeKey(3), 10_000, 0.1)
  const kept = keep.reduce((sum, k) => sum + k, 0)
  t.ok(Math.abs(kept - 9000) < 4 * Math.sqrt(900))
  t.ok(keepCondition(makeKey(3), 50, 0).every(k => k === 1))
  t.ok(keepCondition(makeKey(3), 50, 1).every(k => k === 0))
  t.throws(() => keepCondition(makeKey(3), 5, 1.5), UsageError)
  const shown = withDropout(
    tf.tensor2d([
      [1, 2],
      [0, 0],
      [3, 4],
    ]),
    tf.tensor1d([1, 1, 0]),
  )
  t.strictSame([...shown.dataSync()], [1, 2, 1, 0, 0, 1, 0, 0, 0])
})
