import fc from 'fast-check'
import t from 'tap'
import { type Box, type Denoiser, makeKey, type State, UsageError } from '../../../core/index.js'
import {
  boxStart,
  flowLogProb,
  gaussianStart,
  heun,
  karrasSigmas,
  liftState,
  logUniformSigmas,
  probabilityFlow,
  residualAmplitude,
  type SamplerName,
  sampleBy,
  samplerNames,
  separations,
  sigmaOfResidual,
  torusNoise,
  torusPriorKl,
  uniformLogProb,
  uniformStart,
  wrappedNormal,
  wrapState,
} from '../../../generative/diffusion/index.js'
import { meanAndError } from './mixture.js'
import { drawTorusMixture, torusDenoiser, torusLogProbs, twoClumps } from './torusMixture.js'
import { kolmogorovSmirnov } from './twoSample.js'

const seed = 9
const box: Box = twoClumps.box
const axis = (state: State, which: number) =>
  Float64Array.from(state.values.filter((_, i) => i % state.shape[2] === which))
const silent: Denoiser = async x => x

t.test('the wrapped normal: periodic, normalised, its score the slope of its log', async () => {
  const width = fc.double({ min: 0.01, max: 3, noNaN: true })
  const place = fc.double({ min: -2, max: 2, noNaN: true })
  fc.assert(
    fc.property(width, place, fc.integer({ min: -3, max: 3 }), (sd, d, turns) => {
      const length = 1.5
      const { logProb, score } = wrappedNormal(d, sd, length)
      const around = wrappedNormal(d + turns * length, sd, length)
      const h = 1e-5 * Math.min(sd, 1)
      const slope = (wrappedNormal(d + h, sd, length).logProb - wrappedNormal(d - h, sd, length).logProb) / (2 * h)
      let mass = 0
      for (let i = 0; i < 400; i++)
        mass += (Math.exp(wrappedNormal((i / 400) * length, sd, length).logProb) * length) / 400
      // At the far side of a narrow one two images are level, the slope jumps from one to the other.
      const edge = Math.abs(Math.abs(d - length * Math.round(d / length)) - length / 2) < 3 * h
      return (
        Math.abs(around.logProb - logProb) < 1e-6 * (1 + Math.abs(logProb)) &&
        (edge || Math.abs(slope - score) < 1e-4 * (1 + Math.abs(score))) &&
        Math.abs(mass - 1) < 1e-9
      )
    }),
    { seed },
  )
})

t.test('the wrapped normal: golden values, images and Fourier modes alike', async t => {
  // python: n = np.arange(-50, 51); p = norm.pdf(d + n*L, scale=s).sum()
  //   np.log(p), (-(d + n*L) / s**2 * norm.pdf(d + n*L, scale=s)).sum() / p      scipy
  const golden = [
    { d: 0.3, sd: 0.2, length: 1, logProb: -0.4277852702340949, score: -7.332678778419377 },
    { d: 0.4, sd: 0.6, length: 1, logProb: -0.0013277898014531532, score: -0.006065388098463219 },
    { d: 10, sd: 3, length: 25, logProb: -7.572142866028829, score: -1.108435979523763 },
  ]
  for (const { d, sd, length, ...expected } of golden) {
    const found = wrappedNormal(d, sd, length)
    t.ok(Math.abs(found.logProb - expected.logProb) < 1e-12 && Math.abs(found.score - expected.score) < 1e-11)
  }
})

t.test('at half the box the fundamental mode is gone but for 0.72%, and the prior term is its square', async t => {
  t.ok(Math.abs(residualAmplitude(500, 1000) - Math.exp(-(Math.PI ** 2) / 2)) < 1e-15)
  t.ok(Math.abs(sigmaOfResidual(residualAmplitude(500, 1000), 1000) - 500) < 1e-9)
  t.throws(() => sigmaOfResidual(2, 1000), UsageError)
  const prior = torusPriorKl(500, 1000)
  t.ok(Math.abs(prior / residualAmplitude(500, 1000) ** 2 - 1) < 0.01, `${prior}`)
  // measured on noise itself: the mean of cos(k d)
  const { lifted } = torusNoise(makeKey(1), { shape: [1, 100_000, 1], values: new Float32Array(100_000) }, [0.3], [1])
  const mode = meanAndError(Float64Array.from(lifted.values, d => Math.cos(2 * Math.PI * d)))
  t.ok(Math.abs(mode.mean - residualAmplitude(0.3, 1)) < 4 * mode.error)
})

t.test('uniform start: even in the box, in it, and refused where an axis is open', async t => {
  const start = uniformStart(makeKey(2), [2, 5000, 2], box)
  for (const which of [0, 1]) {
    const length = twoClumps.box[which]
    t.ok(axis(start, which).every(value => value >= 0 && value < length))
    const grid = Float64Array.from({ length: 10_000 }, (_, i) => ((i + 0.5) / 10_000) * length)
    t.ok(kolmogorovSmirnov(axis(start, which), grid) < 1.63)
  }
  t.throws(() => uniformStart(makeKey(2), [1, 5, 2], [10, null]), UsageError)
  t.throws(() => uniformStart(makeKey(2), [1, 5, 3], box), UsageError)
  // an open axis, and a feature channel beside the box: Gaussian there
  const mixed = boxStart(makeKey(2), [1, 5000, 3], [10, null], 4)
  t.ok(axis(mixed, 0).every(value => value >= 0 && value < 10))
  for (const which of [1, 2]) {
    const spread = meanAndError(axis(mixed, which).map(value => value ** 2))
    t.ok(Math.abs(spread.mean - 16) < 4 * spread.error)
  }
  const plain = meanAndError(gaussianStart(makeKey(2), [1, 5000, 2], 3).values.map(value => value ** 2))
  t.ok(Math.abs(plain.mean - 9) < 4 * plain.error)
})

t.test('wrapping and lifting undo each other', async () => {
  const coordinates = fc.array(fc.double({ min: -40, max: 40, noNaN: true }), { minLength: 6, maxLength: 6 })
  fc.assert(
    fc.property(coordinates, values => {
      const lifted: State = { shape: [1, 2, 3], values: Float32Array.from(values) }
      const partly: Box = [10, null]
      const wrapped = wrapState(lifted, partly)
      const back = liftState(wrapped, lifted, partly)
      const gaps = separations(lifted, wrapped, partly)
      return lifted.values.every((value, i) => {
        const inside = i % 3 !== 0 || (wrapped.values[i] >= 0 && wrapped.values[i] < 10)
        return inside && Math.abs(back.values[i] - value) < 2e-5 && (i % 3 !== 0 || Math.abs(gaps.values[i]) < 2e-5)
      })
    }),
    { seed },
  )
  const all = wrapState({ shape: [1, 1, 2], values: Float32Array.of(-1, 13) }, box)
  t.strictSame([...all.values], [9, 1])
})

t.test(
  'noise on the torus: its target is eps while narrow, 0 while wide, and has the same mean given where it fell',
  async t => {
    const x = drawTorusMixture(twoClumps, makeKey(3), 20_000)
    const narrow = torusNoise(makeKey(4), x, [0.3], box)
    narrow.target.values.forEach((value, i) => {
      if (Math.abs(value - narrow.noise.values[i]) > 1e-4) t.fail(`${value} for ${narrow.noise.values[i]}`)
      if (narrow.lifted.values[i] !== Math.fround(x.values[i] + 0.3 * narrow.noise.values[i])) t.fail('not lifted')
    })
    const wide = torusNoise(makeKey(4), x, [30], box)
    t.ok(wide.target.values.every(value => Math.abs(value) < 1e-6))
    // Regressed on any periodic function of where it fell, eps and target agree.
    const middle = torusNoise(makeKey(4), x, [3], box)
    const moment = (of: State) =>
      meanAndError(
        Float64Array.from(
          of.values,
          (v, i) => v * Math.sin((2 * Math.PI * middle.lifted.values[i]) / twoClumps.box[i % 2]),
        ),
      )
    const [eps, target] = [moment(middle.noise), moment(middle.target)]
    t.ok(Math.abs(eps.mean - target.mean) < 4 * Math.hypot(eps.error, target.error))
    t.ok(target.error < eps.error, 'and the target varies less')
  },
)

const [largest, smallest] = [6, 0.02]
const points = 2000
/** Steps where the sampler's own error lies below what so many points can show. */
const steps: Record<SamplerName, number> = {
  ancestral: 120,
  ddim: 80,
  'dpmpp-2m': 30,
  'dpmpp-2m-sde': 50,
  heun: 24,
  'heun-sde': 50,
  ode: 2,
}

for (const name of samplerNames) {
  t.test(`${name}: from a uniform start it draws the wrapped mixture`, async t => {
    const sigmas = karrasSigmas({ largest, smallest, steps: steps[name], toZero: true }, 4)
    const start = uniformStart(makeKey(5), [1, points, 2], box)
    const drawn = wrapState(
      (await sampleBy(name, torusDenoiser(twoClumps), { noise: start, sigmas, key: makeKey(6) })).state,
      box,
    )
    const truth = drawTorusMixture(twoClumps, makeKey(7), 4 * points)
    const views = [(s: State) => axis(s, 0), (s: State) => axis(s, 1), (s: State) => torusLogProbs(twoClumps, s)]
    const distances = views.map(view => kolmogorovSmirnov(view(drawn), view(truth)))
    t.comment(distances.map(d => d.toFixed(2)).join(' '))
    for (const distance of distances) t.ok(distance < 1.95)
  })

  t.test(`${name}: with no score the uniform stays uniform`, async t => {
    const sigmas = karrasSigmas({ largest, smallest, steps: 12, toZero: true })
    const start = uniformStart(makeKey(8), [1, 8000, 2], box)
    const drawn = wrapState((await sampleBy(name, silent, { noise: start, sigmas, key: makeKey(9) })).state, box)
    for (const which of [0, 1]) {
      const even = Float64Array.from({ length: 8000 }, (_, i) => ((i + 0.5) / 8000) * twoClumps.box[which])
      t.ok(kolmogorovSmirnov(axis(drawn, which), even) < 1.63)
    }
  })

  t.test(`${name}: a shifted start is drawn to shifted places, across the faces`, async t => {
    const shift = [3.25, 4.5]
    const sigmas = karrasSigmas({ largest, smallest: 0.1, steps: 12 })
    const moved = {
      ...twoClumps,
      means: twoClumps.means.map(mean => mean.map((m, a) => (m + shift[a]) % twoClumps.box[a])),
    }
    const start = uniformStart(makeKey(10), [1, 200, 2], box)
    const there = wrapState({ shape: start.shape, values: start.values.map((v, i) => v + shift[i % 2]) }, box)
    const drawn = (await sampleBy(name, torusDenoiser(twoClumps), { noise: start, sigmas, key: makeKey(11) })).state
    const drawnThere = (await sampleBy(name, torusDenoiser(moved), { noise: there, sigmas, key: makeKey(11) })).state
    const expected: State = { shape: drawn.shape, values: drawn.values.map((v, i) => v + shift[i % 2]) }
    const apart = Math.max(...separations(expected, drawnThere, box).values.map(Math.abs))
    t.ok(apart < 2e-3, `${apart}`)
  })
}

t.test('the flow finds the log density on the torus from the uniform base', async t => {
  const drawn = drawTorusMixture(twoClumps, makeKey(12), 40)
  const each: State = { shape: [40, 1, 2], values: drawn.values }
  const { logProb } = await flowLogProb(torusDenoiser(twoClumps), each, [0.05, 10], { base: uniformLogProb(box) })
  const exact = torusLogProbs(twoClumps, each, 0.05)
  const worst = Math.max(...logProb.map((log, i) => Math.abs(log - exact[i])))
  t.comment(
    `largest difference ${worst.toExponential(2)} nats; amplitude left at sigma 10: ${residualAmplitude(10, 10).toExponential(1)}`,
  )
  t.ok(worst < 0.01)
})

t.test('log-uniform steps serve as well', async t => {
  const start = uniformStart(makeKey(5), [1, 50, 2], box)
  const few = await heun(torusDenoiser(twoClumps), start, logUniformSigmas({ largest, smallest, steps: 200 }))
  const ends = [largest, smallest]
  const many = await probabilityFlow(torusDenoiser(twoClumps), start, ends, {
    tolerance: { absolute: 1e-5, relative: 1e-5 },
  })
  t.ok(Math.max(...separations(few, many.state, box).values.map(Math.abs)) < 5e-3)
})
