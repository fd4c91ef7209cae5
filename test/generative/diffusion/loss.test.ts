import * as tf from '@tensorflow/tfjs'
import fc from 'fast-check'
import t from 'tap'
import { type Key, makeKey, normal, UsageError, uniform } from '../../../core/index.js'
import {
  antitheticTimes,
  denoisingLoss,
  explainedByLevel,
  independentTimes,
  linearLogSnr,
  noiseOf,
  type Predict,
  type Prediction,
  targetOf,
  vdmLoss,
  type Weighting,
} from '../../../generative/diffusion/index.js'
import { drawMixture, meanAndError, threeClumps } from './mixture.js'
import { programOf } from './mixtureProgram.js'

await tf.setBackend('cpu')

const schedule = linearLogSnr({ most: 6, least: -8 })
const exact = programOf(threeClumps)
const ends = () => ({ most: tf.scalar(6), least: tf.scalar(-8) })

/** Everything a program would be fed, from one key. */
function inputs(key: Key, batch: number, points: number, times = antitheticTimes(key.split('t'), batch)) {
  const shape: [number, number, number] = [batch, points, 2]
  return {
    x: tf.tensor3d(drawMixture(threeClumps, key.split('x'), batch, points).values, shape),
    noise: tf.tensor3d(normal(key.split('eps'), batch * points * 2), shape),
    logSnr: tf.tensor1d(times.map(t => schedule.logSnr(t))),
    slope: tf.tensor1d(times.map(t => schedule.slope(t))),
  }
}

/** A network that has learned `kind` exactly, from the one that knows the noise. */
const as =
  (kind: Prediction, network: Predict): Predict =>
  (z, logSnr) => {
    const eps = network(z, logSnr)
    const level = tf.reshape(logSnr, [-1, 1, 1])
    const [alpha, sigma] = [tf.sqrt(tf.sigmoid(level)), tf.sqrt(tf.sigmoid(tf.neg(level)))]
    return targetOf(kind, tf.div(tf.sub(z, tf.mul(sigma, eps)), alpha), eps, logSnr)
  }

/** A network that looks at all points, real or not: its mean would give a mask's neglect away. */
const nosy =
  (network: Predict): Predict =>
  (z, logSnr) =>
    tf.add(network(z, logSnr), tf.mul(0.1, tf.sum(z, 1, true)))

t.test('masks: what stands in padded points changes nothing', async () => {
  fc.assert(
    fc.property(fc.integer(), fc.double({ min: -1e4, max: 1e4, noNaN: true }), (keySeed, junk) =>
      tf.tidy(() => {
        const key = makeKey(keySeed)
        const given = inputs(key, 3, 5)
        const mask = tf.tensor2d(
          uniform(key.split('mask'), 15).map(u => (u < 0.6 ? 1 : 0)),
          [3, 5],
        )
        const shown = tf.expandDims(mask, 2)
        const dirty = tf.add(tf.mul(shown, given.x), tf.mul(tf.sub(1, shown), junk))
        const both = [given.x, dirty].map(x => {
          const simple = denoisingLoss(nosy(exact), { ...given, x, mask }, 'eps', 'elbo')
          const level = { logSnr: given.logSnr, slope: given.slope }
          const vdm = vdmLoss(nosy(exact), { x, noise: given.noise, level, ends: ends(), mask })
          return [simple.loss, vdm.loss, ...tf.unstack(simple.clouds), ...tf.unstack(vdm.residual)].map(
            v => v.dataSync()[0],
          )
        })
        return both[0].every((value, i) => Math.abs(value - both[1][i]) <= 1e-5 * (1 + Math.abs(value)))
      }),
    ),
    { seed: 3, numRuns: 30 },
  )
})

t.test('masks: padding a cloud does not change its loss, and every real point counts alike', async t => {
  tf.tidy(() => {
    const given = inputs(makeKey(1), 2, 4)
    const wide = (x: tf.Tensor) =>
      tf.pad(x, [
        [0, 0],
        [0, 3],
        [0, 0],
      ])
    const mask = tf.pad(tf.ones([2, 4]), [
      [0, 0],
      [0, 3],
    ])
    const narrow = denoisingLoss(exact, given, 'eps', 'elbo')
    const padded = denoisingLoss(exact, { ...given, x: wide(given.x), noise: wide(given.noise), mask }, 'eps', 'elbo')
    t.ok(Math.abs(narrow.loss.dataSync()[0] - padded.loss.dataSync()[0]) < 1e-5)
    const level = { logSnr: given.logSnr, slope: given.slope }
    const whole = vdmLoss(exact, { ...given, level, ends: ends() })
    const cut = vdmLoss(exact, { x: wide(given.x), noise: wide(given.noise), mask, level, ends: ends() })
    for (const part of ['loss', 'diffusion', 'prior', 'reconstruction'] as const) {
      t.ok(Math.abs(whole[part].dataSync()[0] - cut[part].dataSync()[0]) < 1e-5, part)
    }
    const empty = denoisingLoss(exact, { ...given, mask: tf.zeros([2, 4]) }, 'eps', 'simple')
    t.equal(empty.loss.dataSync()[0], 0, 'no point at all is no loss, not NaN')
  })
})

t.test('whatever a network predicts, a weighting means the same', async t => {
  for (const weighting of ['simple', 'x', 'v', 'elbo'] satisfies Weighting[]) {
    const losses = (['eps', 'x', 'v'] satisfies Prediction[]).map(kind =>
      tf.tidy(() => denoisingLoss(as(kind, exact), inputs(makeKey(2), 64, 8), kind, weighting).loss.dataSync()[0]),
    )
    for (const loss of losses) t.ok(Math.abs(loss / losses[0] - 1) < 1e-3, `${weighting}: ${losses}`)
  }
  t.throws(() => {
    const { slope: _, ...rest } = inputs(makeKey(2), 2, 2)
    denoisingLoss(exact, rest, 'eps', 'elbo')
  }, UsageError)
})

t.test('weighting x and v are the plain square errors of x and v', async t => {
  tf.tidy(() => {
    const given = inputs(makeKey(3), 16, 4)
    const muted: Predict = (z, logSnr) => tf.mul(0.5, exact(z, logSnr))
    for (const kind of ['x', 'v'] satisfies Prediction[]) {
      const predicted = as(kind, muted)(tf.zeros([16, 4, 2]), given.logSnr)
      t.strictSame(predicted.shape, [16, 4, 2])
      const plain: Predict = (z, logSnr) => as(kind, muted)(z, logSnr)
      const { loss } = denoisingLoss(plain, given, kind, kind)
      const level = tf.reshape(given.logSnr, [-1, 1, 1])
      const z = tf.add(
        tf.mul(tf.sqrt(tf.sigmoid(level)), given.x),
        tf.mul(tf.sqrt(tf.sigmoid(tf.neg(level))), given.noise),
      )
      const error = tf.sub(plain(z, given.logSnr), targetOf(kind, given.x, given.noise, given.logSnr))
      const square = tf.mean(tf.square(error)).dataSync()[0]
      t.ok(Math.abs(loss.dataSync()[0] / square - 1) < 1e-4)
      const eps = noiseOf(kind, plain(z, given.logSnr), z, given.logSnr)
      t.ok(tf.max(tf.abs(tf.sub(eps, muted(z, given.logSnr)))).dataSync()[0] < 1e-3)
    }
  })
})

t.test('antithetic times take variance away', async t => {
  const spread = (draw: (key: Key, count: number) => Float32Array) => {
    const losses = Array.from({ length: 60 }, (_, i) =>
      tf.tidy(() => {
        const key = makeKey(100 + i)
        return denoisingLoss(exact, inputs(key, 16, 40, draw(key.split('t'), 16)), 'eps', 'elbo').loss.dataSync()[0]
      }),
    )
    const { mean, error } = meanAndError(losses)
    return { mean, error, variance: error ** 2 * losses.length }
  }
  const [even, loose] = [spread(antitheticTimes), spread(independentTimes)]
  t.comment(
    `variance ${even.variance.toExponential(2)} against ${loose.variance.toExponential(2)} with independent times`,
  )
  t.ok(even.variance < loose.variance / 4)
  t.ok(Math.abs(even.mean - loose.mean) < 4 * Math.hypot(even.error, loose.error), 'and leave the mean')
})

t.test('explained share: all for the noise itself, none for silence, by level in between', async t => {
  const edges = [-8, -4, 0, 3, 6]
  const given = inputs(makeKey(5), 400, 20)
  const shares = (network: Predict) => {
    const { residual, variance } = tf.tidy(() => {
      const parts = denoisingLoss(network, given, 'eps', 'simple')
      return { residual: parts.residual.dataSync(), variance: parts.variance.dataSync() }
    })
    return explainedByLevel(edges, given.logSnr.dataSync() as Float32Array, residual, variance)
  }
  for (const { share, count } of shares(() => given.noise)) {
    t.equal(share, 1)
    t.ok(count > 50)
  }
  for (const { share } of shares(z => tf.zerosLike(z))) t.ok(Math.abs(share) < 1e-6)
  const found = shares(exact)
  t.equal(
    found.reduce((sum, { count }) => sum + count, 0),
    400,
    'every cloud in one span',
  )
  t.comment(
    found.map(({ from, to, share, error }) => `[${from}, ${to}) ${share.toFixed(3)} +- ${error.toFixed(3)}`).join('; '),
  )
  for (const [i, span] of found.entries()) {
    t.ok(span.share > 5 * span.error && span.error > 0)
    if (i > 0) t.ok(span.share < found[i - 1].share, 'more noise, more of it seen')
  }
  t.ok(Number.isNaN(explainedByLevel([20, 21], [1], [1], [1])[0].share))
  t.throws(() => explainedByLevel([1, 0], [], [], []), UsageError)
})
