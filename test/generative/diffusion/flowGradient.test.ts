import * as tf from '@tensorflow/tfjs'
import t from 'tap'
import { makeKey, type State } from '../../../core/index.js'
import {
  compileProbes,
  type FlowBase,
  flowGradient,
  flowTarget,
  gaussianBase,
  hutchinsonLogProb,
  hutchinsonProbes,
  uniformBase,
} from '../../../generative/diffusion/index.js'
import { gaussianPrior } from '../../../generative/prior/index.js'
import { mixtureAt, mixtureProgram } from './bound/thetaMixture.js'
import { drawMixture } from './mixture.js'

await tf.setBackend('cpu')

// so far out that a base that knows nothing of theta is right: what it misses falls as mean / sigma
const ends = [0.02, 2000] as const
const base = gaussianBase(Math.hypot(ends[1], 1))

/**
 * The log-density of a cloud of the mixture blurred by the smallest sigma, of numbers in double precision: differences
 * of it are asked.
 */
function known(theta: readonly number[], cloud: Float64Array): number {
  const points = cloud.length / 2
  const { weights, means, sds } = mixtureAt(theta)
  let sum = 0
  for (let point = 0; point < points; point++) {
    let density = 0
    weights.forEach((weight, k) => {
      const variance = sds[k] ** 2 + ends[0] ** 2
      const square = (cloud[2 * point] - means[k][0]) ** 2 + (cloud[2 * point + 1] - means[k][1]) ** 2
      density += (weight / (2 * Math.PI * variance)) * Math.exp(-square / (2 * variance))
    })
    sum += Math.log(density)
  }
  return sum
}

function slopes(f: (at: Float64Array) => number, at: ArrayLike<number>, h = 1e-4): Float64Array {
  return Float64Array.from(at, (_, i) => {
    const moved = (by: number) => Float64Array.from(at, (value, j) => value + (i === j ? by : 0))
    return (f(moved(h)) - f(moved(-h))) / (2 * h)
  })
}

t.test('a posterior by the flow, exact traces: its gradient is the closed form, each row at its own theta', async t => {
  const x = drawMixture(mixtureAt([0.8, 0.3]), makeKey(5), 1, 1, ends[0])
  const compiled = await compileProbes(
    mixtureProgram,
    {},
    { parameters: 2, shape: [3, 1, 2], probes: 2 },
    { threads: 1 },
  )
  const prior = gaussianPrior(['where', 'logit'], [0.5, 0], [0.4, 0.2, 0.2, 0.5])
  const z = Float64Array.from([0, 0, 0.5, -0.3, -0.4, 0.8, 1, 1])
  const target = flowTarget(compiled, x, ends, { base, prior, traces: 'exact' })
  if (!target.withGradient) return t.fail('no gradient')
  const { logDensity, gradient } = await target.withGradient(z)
  t.same([...logDensity], [...(await target.logDensity(z))], 'the value is that without a gradient')
  const cloud = Float64Array.from(x.values)
  for (let row = 0; row < 4; row++) {
    const here = z.slice(2 * row, 2 * row + 2)
    const expected = slopes(at => known([...prior.toTheta(at)], cloud) - (at[0] ** 2 + at[1] ** 2) / 2, here)
    expected.forEach((slope, i) => {
      const found = gradient[2 * row + i]
      t.ok(Math.abs(found - slope) < 4e-3 * (1 + Math.abs(slope)), `${found} against ${slope}`)
    })
  }
  await compiled.release()
})

t.test('and its gradient in x is the score', async t => {
  const thetas = [0.8, 0.3, -0.2, 1]
  const x = drawMixture(mixtureAt([0.8, 0.3]), makeKey(8), 2, 1, ends[0])
  const compiled = await compileProbes(mixtureProgram, {}, { parameters: 2, shape: x.shape, probes: 2 }, { threads: 1 })
  const axes = Float32Array.of(1, 0, 0, 1, 1, 0, 0, 1)
  const found = await hutchinsonLogProb(compiled.at(thetas), x, ends, {
    base: base.logProb,
    key: makeKey(9),
    probes: 2,
  })
  const { score } = await flowGradient(await compiled.pullBackAt(thetas), found.base, ends, {
    base,
    vectors: axes,
    weight: 1,
    parameters: 2,
  })
  for (const cloud of [0, 1]) {
    const at = Float64Array.from(x.values.subarray(2 * cloud, 2 * cloud + 2))
    slopes(values => known(thetas.slice(2 * cloud, 2 * cloud + 2), values), at).forEach((slope, i) => {
      t.ok(
        Math.abs(score[2 * cloud + i] - slope) < 5e-3 * (1 + Math.abs(slope)),
        `${score[2 * cloud + i]} against ${slope}`,
      )
    })
  }
  await compiled.release()
})

t.test('with probes it is the gradient of that estimate, not of another', async t => {
  const points = 12
  const x = drawMixture(mixtureAt([0.8, 0.3]), makeKey(10), 1, points, ends[0])
  const cloud: State = { shape: [1, points, 2], values: x.values }
  const compiled = await compileProbes(
    mixtureProgram,
    {},
    { parameters: 2, shape: cloud.shape, probes: 2 },
    { threads: 1 },
  )
  const theta = [0.7, 0.1]
  const fine = { tolerance: { absolute: 1e-5, relative: 1e-5 }, nats: 1e-4 }
  const estimates: number[] = []
  for (const seed of [1, 2]) {
    const how = { key: makeKey(seed), probes: 2 }
    const at = async (where: readonly number[]) =>
      hutchinsonLogProb(compiled.at(where), cloud, ends, { base: base.logProb, ...how, ...fine })
    const { base: end } = await at(theta)
    const { gradient } = await flowGradient(await compiled.pullBackAt(theta), end, ends, {
      base,
      vectors: hutchinsonProbes(cloud.shape, how),
      weight: 1 / 2,
      parameters: 2,
      ...fine,
    })
    const h = 0.05
    for (const i of [0, 1]) {
      const moved = (by: number) => theta.map((value, j) => value + (i === j ? by : 0))
      const slope = ((await at(moved(h))).logProb[0] - (await at(moved(-h))).logProb[0]) / (2 * h)
      t.ok(Math.abs(gradient[i] - slope) < 0.02 * (1 + Math.abs(slope)), `${gradient[i]} against ${slope}`)
    }
    estimates.push(gradient[0])
  }
  t.ok(Math.abs(estimates[0] - estimates[1]) > 0.1, `the probes do differ here: ${estimates.join(', ')}`)
  await compiled.release()
})

t.test('a base says its density and its score', t => {
  const state: State = { shape: [1, 2, 1], values: Float32Array.of(0.5, -2) }
  const bases: readonly FlowBase[] = [gaussianBase(3), uniformBase([4])]
  for (const { logProb, score } of bases) {
    const at = Float64Array.from(state.values)
    slopes(values => logProb({ shape: [1, 2, 1], values: Float32Array.from(values) })[0], at, 1e-2).forEach(
      (slope, i) => {
        t.ok(Math.abs(score(state)[i] - slope) < 1e-5)
      },
    )
  }
  t.end()
})
