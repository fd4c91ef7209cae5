import t from 'tap'
import { type Denoiser, makeKey, type State, UsageError } from '../../../../core/index.js'
import {
  DenoiserDiverged,
  ddim,
  heun,
  karrasSigmas,
  logUniformSigmas,
  probabilityFlow,
  type Sampler,
  samplers,
  stateOf,
} from '../../../../generative/diffusion/index.js'
import { TooManySteps } from '../../../../generative/matching/index.js'
import { denoiserOf, drawMixture, rms, threeClumps } from '../mixture.js'

const exact = denoiserOf(threeClumps)
const range = { largest: 8, smallest: 0.05 }
const start = drawMixture(threeClumps, makeKey(3), 1, 200, range.largest)
const reference = await heun(exact, start, logUniformSigmas({ ...range, steps: 2048 }))
/** Ignored by what draws nothing. */
const key = makeKey(0)

const fixed = Object.entries<Sampler>(samplers).filter(([, { adaptive }]) => !adaptive)

for (const [name, { run, order, draws, evaluationsPerStep }] of fixed) {
  for (const [spacing, list] of Object.entries({ karras: karrasSigmas, logUniform: logUniformSigmas })) {
    // That of a sampler that draws is an order of the distribution: weak.test.ts.
    if (draws) continue
    t.test(`${name} on ${spacing}: halving the steps divides the error by 2^${order}`, async t => {
      const errors: number[] = []
      for (const steps of [64, 128, 256])
        errors.push(rms(await run(exact, start, list({ ...range, steps }), key), reference))
      const orders = [Math.log2(errors[0] / errors[1]), Math.log2(errors[1] / errors[2])]
      t.comment(`${errors.map(e => e.toExponential(2)).join(' ')}: orders ${orders.map(o => o.toFixed(2)).join(' ')}`)
      for (const measured of orders) t.ok(Math.abs(measured - order) < 0.25, `order ${measured.toFixed(2)}`)
    })
  }

  t.test(`${name}: costs ${evaluationsPerStep} evaluations a step, and reports each step`, async t => {
    const { counted, calls } = counting(exact)
    const seen: number[] = []
    const sigmas = karrasSigmas({ ...range, steps: 8, toZero: true })
    const drawn = await run(counted, start, sigmas, key, step => {
      seen.push(step.sigma)
      if (step.sigma === 0) t.ok(step.x.values.every(Number.isFinite))
    })
    t.equal(calls(), evaluationsPerStep * 7 + 1)
    t.strictSame(seen, sigmas.slice(1))
    t.strictSame(drawn.shape, start.shape)
  })

  t.test(`${name}: a last step to 0 returns the denoised state`, async t => {
    const half: Denoiser = async x => ({ shape: x.shape, values: x.values.map(v => v / 2) })
    const x: State = { shape: [1, 2, 1], values: Float32Array.of(1, -2) }
    const { values } = await run(half, x, [3, 0], key)
    t.ok(rms({ shape: x.shape, values }, { shape: x.shape, values: Float32Array.of(0.5, -1) }) < 1e-6)
  })
}

t.test('another key draws other states where a sampler draws, and the same where it does not', async t => {
  const sigmas = karrasSigmas({ ...range, steps: 8 })
  for (const [name, { run, draws }] of Object.entries<Sampler>(samplers)) {
    const [one, again, other] = [1, 1, 2].map(seed => run(exact, start, sigmas, makeKey(seed)))
    t.strictSame(await one, await again, name)
    t.equal(rms(await one, await other) > 0, draws, name)
  }
})

t.test(
  'probabilityFlow: comes as close to the reference as its tolerance asks, and counts its evaluations',
  async t => {
    let before = Number.POSITIVE_INFINITY
    for (const each of [1e-2, 1e-3, 1e-4, 1e-5]) {
      const { counted, calls } = counting(exact)
      const ends = [range.largest, range.smallest]
      const flow = await probabilityFlow(counted, start, ends, { tolerance: { absolute: each, relative: each } })
      const error = rms(flow.state, reference)
      t.comment(
        `tolerance ${each}: error ${error.toExponential(2)}, ${flow.evaluations} evaluations, ${flow.rejected} rejected`,
      )
      t.equal(flow.evaluations, calls())
      t.equal(flow.evaluations, 1 + samplers.ode.evaluationsPerStep * (flow.accepted + flow.rejected))
      t.ok(error < 5 * each, 'the error is of the size of the tolerance')
      t.ok(error < before, 'and falls with it')
      before = error
    }
  },
)

t.test('probabilityFlow: a 0 at the end costs one denoising more', async t => {
  const with0 = await probabilityFlow(exact, start, [range.largest, range.smallest, 0])
  const without = await probabilityFlow(exact, start, [range.largest, range.smallest])
  t.equal(with0.evaluations, without.evaluations + 1)
  t.strictSame(with0.state.values, (await exact(without.state, range.smallest)).values)
})

t.test('a row does not know its batch, where steps are fixed and nothing is drawn', async t => {
  const two = drawMixture(threeClumps, makeKey(4), 2, 20, range.largest)
  const first: State = { shape: [1, 20, 2], values: two.values.slice(0, 40) }
  const sigmas = karrasSigmas({ ...range, steps: 8 })
  for (const [name, { run, draws }] of fixed) {
    if (draws) continue
    const [both, alone] = [await run(exact, two, sigmas, key), await run(exact, first, sigmas, key)]
    t.strictSame(both.values.slice(0, 40), alone.values, name)
  }
})

t.test('what cannot be sampled is refused in words', async t => {
  const nan: Denoiser = async x => ({ shape: x.shape, values: x.values.map(() => Number.NaN) })
  await t.rejects(heun(nan, start, [1, 0.5]), DenoiserDiverged)
  await t.rejects(probabilityFlow(nan, start, [1, 0.5]), DenoiserDiverged)
  for (const sigmas of [[1], [1, 2], [1, 0, 0], [Number.NaN, 1], [1, -1]])
    await t.rejects(ddim(exact, start, sigmas), UsageError)
  await t.rejects(probabilityFlow(exact, start, [1, 0.5], { tolerance: { absolute: 0, relative: 0 } }), UsageError)
  t.throws(() => stateOf([1, 2, 3], new Float32Array(5)), UsageError)
  const rough: Denoiser = async x => ({
    shape: x.shape,
    values: x.values.map((v, i) => v * 1e6 * Math.sin(1e7 * v + i)),
  })
  await t.rejects(
    probabilityFlow(rough, { shape: [1, 1, 2], values: Float32Array.of(1, 2) }, [1, 0.5], {
      tolerance: { absolute: 1e-5, relative: 0 },
    }),
    TooManySteps,
  )
})

function counting(denoise: Denoiser): { counted: Denoiser; calls: () => number } {
  let count = 0
  const counted: Denoiser = (x, sigma) => {
    count++
    return denoise(x, sigma)
  }
  return { counted, calls: () => count }
}
