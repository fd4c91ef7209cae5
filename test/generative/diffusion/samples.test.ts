import t from 'tap'
import { makeKey, type State } from '../../../core/index.js'
import {
  karrasSigmas,
  type SamplerName,
  sampleBy,
  samplerNames,
  samplers,
  stepsWithin,
} from '../../../generative/diffusion/index.js'
import { denoiserOf, drawMixture, logProbs, type Mixture, meanAndError, threeClumps } from './mixture.js'
import { kolmogorovSmirnov } from './twoSample.js'

const points = 4000
const [largest, smallest] = [40, 0.01]
const noise = drawMixture(threeClumps, makeKey(21), 1, points, largest)
const truth = drawMixture(threeClumps, makeKey(22), 1, 5 * points)

/** What the two samples are compared by: both axes, a slanted one, and the log density, which sees every clump. */
const views: Record<string, (x: State) => Float64Array> = {
  x: state => along(state, [1, 0]),
  y: state => along(state, [0, 1]),
  slanted: state => along(state, [0.6, -0.8]),
  'log density': state => logProbs(threeClumps, state),
}

function along(state: State, direction: readonly [number, number]): Float64Array {
  return Float64Array.from({ length: state.values.length / 2 }, (_, i) => {
    return direction[0] * state.values[2 * i] + direction[1] * state.values[2 * i + 1]
  })
}

/** Steps where the sampler's own error lies below what 4000 points can show. */
const steps: Record<SamplerName, number> = {
  ancestral: 200,
  ddim: 100,
  'dpmpp-2m': 30,
  'dpmpp-2m-sde': 60,
  heun: 30,
  'heun-sde': 60,
  ode: 2,
}

for (const name of samplerNames) {
  t.test(`${name}: draws the mixture`, async t => {
    const sigmas = karrasSigmas({ largest, smallest, steps: steps[name], toZero: true })
    const { state, evaluations } = await sampleBy(name, denoiserOf(threeClumps), { noise, sigmas, key: makeKey(23) })
    const distances = Object.values(views).map(view => kolmogorovSmirnov(view(state), view(truth)))
    t.comment(`${evaluations} evaluations, distances ${distances.map(d => d.toFixed(2)).join(' ')}`)
    for (const distance of distances) t.ok(distance < 1.95)
    for (const view of [views.x, views.y, views.slanted]) {
      for (const power of [1, 2]) {
        const ours = meanAndError(view(state).map(value => value ** power))
        const theirs = meanAndError(view(truth).map(value => value ** power))
        t.ok(Math.abs(ours.mean - theirs.mean) < 4 * Math.hypot(ours.error, theirs.error), `moment ${power}`)
      }
    }
    const { adaptive, evaluationsPerStep } = samplers[name]
    if (adaptive) return
    t.equal(stepsWithin(name, evaluations), steps[name])
    t.equal(evaluations, evaluationsPerStep * (steps[name] - 1) + 1)
  })
}

t.test('the comparison sees a clump a tenth too light, or a tenth too wide', async t => {
  const light: Mixture = { ...threeClumps, weights: [0.4, 0.4, 0.2] }
  const wide: Mixture = { ...threeClumps, sds: [0.36, 0.5, 0.4] }
  for (const wrong of [light, wide]) {
    const drawn = drawMixture(wrong, makeKey(24), 1, points)
    const distances = Object.values(views).map(view => kolmogorovSmirnov(view(drawn), view(truth)))
    t.ok(Math.max(...distances) > 1.95, distances.map(d => d.toFixed(2)).join(' '))
  }
})

t.test('the same key draws the same bytes, another key others', async t => {
  const few: State = { shape: [2, 10, 2], values: noise.values.slice(0, 40) }
  const sigmas = karrasSigmas({ largest, smallest, steps: 6, toZero: true })
  for (const name of samplerNames) {
    const [a, b, c] = await Promise.all(
      [1, 1, 2].map(
        async seed =>
          (await sampleBy(name, denoiserOf(threeClumps), { noise: few, sigmas, key: makeKey(seed) })).state.values,
      ),
    )
    t.strictSame(a, b)
    if (samplers[name].draws) t.notSame(a, c)
    else t.strictSame(a, c)
  }
})
