import * as tf from '@tensorflow/tfjs'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { makeKey, normal, UsageError } from '../../../core/index.js'
import {
  antitheticTimes,
  cosineLogSnr,
  edmTraining,
  endsOf,
  independentTimes,
  initLinear,
  initMonotone,
  karrasSchedule,
  karrasSigmas,
  learnedSchedule,
  linearLevel,
  linearLogSnr,
  logSnrOfSigma,
  logSnrUniformSigmas,
  logUniformSigmas,
  monotoneLevel,
  type Schedule,
  scheduleSigmas,
} from '../../../generative/diffusion/index.js'
import { normalInverseCdf } from '../../../generative/posterior/index.js'

await tf.setBackend('cpu')

const ends = { most: 8, least: -14 }
const fixed: Record<string, Schedule> = {
  linear: linearLogSnr(ends),
  cosine: cosineLogSnr(ends),
  karras: karrasSchedule({ largest: 80, smallest: 0.002 }),
  edm: edmTraining(),
  'learned linear': learnedSchedule(initLinear(ends)),
  'learned monotone': learnedSchedule(initMonotone(makeKey(1), ends)),
}

const seed = 20210701
const inside = fc.double({ min: 0.001, max: 0.999, noNaN: true })

for (const [name, schedule] of Object.entries(fixed)) {
  t.test(`${name}: falls, with the slope it says`, async () => {
    fc.assert(
      fc.property(inside, at => {
        const h = 1e-5
        const measured = (schedule.logSnr(at + h) - schedule.logSnr(at - h)) / (2 * h)
        return schedule.slope(at) < 0 && Math.abs(measured / schedule.slope(at) - 1) < 1e-3
      }),
      { seed },
    )
  })
}

t.test('each goes from end to end', async t => {
  for (const name of ['linear', 'cosine', 'learned linear', 'learned monotone']) {
    t.ok(Math.abs(fixed[name].logSnr(0) - ends.most) < 1e-5, name)
    t.ok(Math.abs(fixed[name].logSnr(1) - ends.least) < 1e-5, name)
  }
  t.ok(Math.abs(fixed.karras.logSnr(0) - logSnrOfSigma(0.002)) < 1e-9)
  t.ok(Math.abs(fixed.karras.logSnr(1) - logSnrOfSigma(80)) < 1e-9)
})

/** A monotone network with parameters as wild as training could make them. */
const wild = fc
  .record({
    seed: fc.integer(),
    spread: fc.double({ min: 0.1, max: 6, noNaN: true }),
    hidden: fc.integer({ min: 1, max: 40 }),
  })
  .map(({ seed, spread, hidden }) => {
    const params = initMonotone(makeKey(0), ends, hidden)
    const shaken = Object.entries(params).map(([name, { shape, values }]) => {
      const noise = normal(makeKey(seed).split(name), values.length)
      return [name, { shape, values: Float32Array.from(values, (v, i) => v + spread * noise[i]) }]
    })
    return Object.fromEntries(shaken) as typeof params
  })

t.test('the learned monotone schedule falls whatever its parameters, between its ends', async () => {
  fc.assert(
    fc.property(
      wild,
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 20 }),
      (params, times) => {
        const schedule = learnedSchedule(params)
        const sorted = Float64Array.from(times).sort()
        for (let i = 0; i < sorted.length; i++) {
          if (!(schedule.slope(sorted[i]) < 0)) return false
          if (
            i > 0 &&
            sorted[i] > sorted[i - 1] + 1e-9 &&
            !(schedule.logSnr(sorted[i]) < schedule.logSnr(sorted[i - 1]))
          )
            return false
        }
        return Math.abs(schedule.logSnr(0) - params.most.values[0]) < 1e-6
      },
    ),
    { seed, numRuns: 200 },
  )
})

t.test('as a program it says the same, falls, and its slope is the gradient by autodiff', async () => {
  fc.assert(
    fc.property(wild, fc.array(inside, { minLength: 3, maxLength: 12 }), (arrays, times) => {
      const numbers = learnedSchedule(arrays)
      return tf.tidy(() => {
        const tensors = Object.entries(arrays).map(([name, { shape, values }]) => [name, tf.tensor(values, [...shape])])
        const params = Object.fromEntries(tensors) as { [name in keyof typeof arrays]: tf.Tensor }
        const t = tf.tensor1d(times)
        const { logSnr, slope } = monotoneLevel(params, t)
        const steep = tf
          .grad(u => monotoneLevel(params, u).logSnr)(t)
          .dataSync()
        const [values, slopes] = [logSnr.dataSync(), slope.dataSync()]
        const { most, least } = endsOf(params)
        const scale = 1e-4 * (most.dataSync()[0] - least.dataSync()[0] + 10)
        return times.every((at, i) => {
          const close = Math.abs(values[i] - numbers.logSnr(at)) < scale && slopes[i] < 0
          const size = 1e-3 * Math.abs(slopes[i]) + scale
          return close && Math.abs(slopes[i] - numbers.slope(at)) < size && Math.abs(slopes[i] - steep[i]) < size
        })
      })
    }),
    { seed, numRuns: 60 },
  )
})

t.test('the learned line as a program', async t => {
  const start = initLinear(ends)
  const params = { most: tf.scalar(start.most.values[0]), fall: tf.scalar(start.fall.values[0]) }
  const { logSnr, slope } = linearLevel(params, tf.tensor1d([0, 0.5, 1]))
  logSnr.dataSync().forEach((value, i) => {
    t.ok(Math.abs(value - [8, -3, -14][i]) < 1e-5)
  })
  for (const value of slope.dataSync()) t.ok(Math.abs(value + 22) < 1e-5)
})

t.test('times: uniform each, even together', async t => {
  const times = antitheticTimes(makeKey(2), 1000)
  const sorted = Float64Array.from(times).sort()
  sorted.forEach((at, i) => {
    if (at < i / 1000 - 1e-6 || at > (i + 1) / 1000 + 1e-6) t.fail(`${at} in place ${i}`)
  })
  t.ok(independentTimes(makeKey(2), 1000).every(at => at > 0 && at < 1))
  t.strictSame(antitheticTimes(makeKey(2), 5), antitheticTimes(makeKey(2), 5))
})

t.test('step lists fall from end to end in as many steps as asked', async t => {
  const range = { largest: 80, smallest: 0.002 }
  const half = { largest: Math.exp(3), smallest: Math.exp(-4) }
  for (const steps of [1, 2, 18]) {
    const lists = [
      karrasSigmas({ ...range, steps }),
      logUniformSigmas({ ...range, steps }),
      scheduleSigmas(linearLogSnr(ends).logSnr, steps),
    ]
    for (const list of lists) t.equal(list.length, steps + 1)
    t.ok(Math.abs(lists[0][steps] / range.smallest - 1) < 1e-9 && lists[0][0] === range.largest)
    t.ok(Math.abs(lists[1][steps] / range.smallest - 1) < 1e-9 && lists[1][0] === range.largest)
    t.equal(karrasSigmas({ ...range, steps, toZero: true }).at(-1), 0)
    t.equal(karrasSigmas({ ...range, steps, toZero: true }).length, steps + 1)
    const even = logSnrUniformSigmas({ least: -6, most: 8, steps })
    const same = logUniformSigmas({ ...half, steps })
    even.forEach((sigma, i) => {
      t.ok(Math.abs(sigma / same[i] - 1) < 1e-9)
    })
  }
  t.throws(() => karrasSigmas({ ...range, steps: 0 }), UsageError)
  t.throws(() => karrasSigmas({ largest: 1, smallest: 2, steps: 3 }), UsageError)
  t.throws(() => linearLogSnr({ most: -1, least: 1 }), UsageError)
  t.throws(() => edmTraining({ sd: -1 }), UsageError)
})

const golden = (t: Test, found: readonly number[], expected: readonly number[]) => {
  found.forEach((value, i) => {
    t.ok(Math.abs(value - expected[i]) < 1e-9 * (1 + Math.abs(expected[i])), `${value} is ${expected[i]}`)
  })
}

t.test('golden values', async t => {
  // python -c "from scipy.stats import norm; print([norm.ppf(p) for p in (1e-6, 1e-3, .2, .5, .975)])"   scipy
  const quantiles = [-4.753424308822899, -3.090232306167813, -0.8416212335729142, 0, 1.959963984540054]
  golden(t, [1e-6, 1e-3, 0.2, 0.5, 0.975].map(normalInverseCdf), quantiles)
  // python -c "import numpy as np; print((np.linspace(80**(1/7), .002**(1/7), 5)**7).tolist())"
  golden(
    t,
    karrasSigmas({ largest: 80, smallest: 0.002, steps: 4 }),
    [80.0, 17.52783196464411, 2.515218976147159, 0.16975275626876413, 0.0020000000000000013],
  )
  // python -c "import numpy as np; t=np.array([.1,.5,.9]); a=np.arctan(np.exp(-4));
  //   print((2*np.log(1/np.tan(a+t*(np.arctan(np.exp(7))-a)))).tolist())"
  golden(t, [0.1, 0.5, 0.9].map(fixed.cosine.logSnr), [3.4832899620407427, -0.034805175693171236, -3.6985832707386357])
})
