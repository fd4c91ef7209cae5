import t from 'tap'
import { type Denoiser, makeKey, type OnStep, type State, UsageError } from '../../../../core/index.js'
import {
  DenoiserDiverged,
  ddim,
  dpmpp2m,
  heun,
  karrasSigmas,
  logUniformSigmas,
  probabilityFlow,
  stateOf,
  TooManySteps,
} from '../../../../generative/diffusion/index.js'
import { denoiserOf, drawMixture, rms, threeClumps } from '../mixture.js'

type Deterministic = (denoise: Denoiser, noise: State, sigmas: readonly number[], onStep?: OnStep) => Promise<State>

const deterministic: Record<string, { sampler: Deterministic; order: number; evaluationsAStep: number }> = {
  ddim: { sampler: ddim, order: 1, evaluationsAStep: 1 },
  heun: { sampler: heun, order: 2, evaluationsAStep: 2 },
  dpmpp2m: { sampler: dpmpp2m, order: 2, evaluationsAStep: 1 },
}

const exact = denoiserOf(threeClumps)
const range = { largest: 8, smallest: 0.05 }
const start = drawMixture(threeClumps, makeKey(3), 1, 200, range.largest)
const reference = await heun(exact, start, logUniformSigmas({ ...range, steps: 2048 }))

for (const [name, { sampler, order, evaluationsAStep }] of Object.entries(deterministic)) {
  for (const [spacing, list] of Object.entries({ karras: karrasSigmas, logUniform: logUniformSigmas })) {
    t.test(`${name} on ${spacing}: halving the steps divides the error by 2^${order}`, async t => {
      const errors: number[] = []
      for (const steps of [64, 128, 256])
        errors.push(rms(await sampler(exact, start, list({ ...range, steps })), reference))
      const orders = [Math.log2(errors[0] / errors[1]), Math.log2(errors[1] / errors[2])]
      t.comment(`${errors.map(e => e.toExponential(2)).join(' ')}: orders ${orders.map(o => o.toFixed(2)).join(' ')}`)
      for (const measured of orders) t.ok(Math.abs(measured - order) < 0.25, `order ${measured.toFixed(2)}`)
    })
  }
  t.test(`${name}: costs ${evaluationsAStep} evaluations a step, and reports each step`, async t => {
    const { counted, calls } = counting(exact)
    const seen: number[] = []
    const sigmas = karrasSigmas({ ...range, steps: 8, toZero: true })
    const drawn = await sampler(counted, start, sigmas, step => {
      seen.push(step.sigma)
      if (step.sigma === 0) t.ok(step.x.values.every(Number.isFinite))
    })
    t.equal(calls(), evaluationsAStep === 2 ? 2 * 8 - 1 : 8)
    t.strictSame(seen, sigmas.slice(1))
    t.strictSame(drawn.shape, start.shape)
  })
}

t.test(
  'probabilityFlow: comes as close to the reference as its tolerance asks, and counts its evaluations',
  async t => {
    let before = Number.POSITIVE_INFINITY
    for (const tolerance of [1e-2, 1e-3, 1e-4, 1e-5]) {
      const { counted, calls } = counting(exact)
      const ends = [range.largest, range.smallest]
      const flow = await probabilityFlow(counted, start, ends, { absolute: tolerance, relative: tolerance })
      const error = rms(flow.state, reference)
      t.comment(
        `tolerance ${tolerance}: error ${error.toExponential(2)}, ${flow.evaluations} evaluations, ${flow.rejected} rejected`,
      )
      t.equal(flow.evaluations, calls())
      t.equal(flow.evaluations, 1 + 6 * (flow.accepted + flow.rejected))
      t.ok(error < 5 * tolerance, 'the error is of the size of the tolerance')
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

t.test('a row does not know its batch, where steps are fixed', async t => {
  const two = drawMixture(threeClumps, makeKey(4), 2, 20, range.largest)
  const first: State = { shape: [1, 20, 2], values: two.values.slice(0, 40) }
  const sigmas = karrasSigmas({ ...range, steps: 8 })
  for (const { sampler } of Object.values(deterministic)) {
    t.strictSame((await sampler(exact, two, sigmas)).values.slice(0, 40), (await sampler(exact, first, sigmas)).values)
  }
})

t.test('what cannot be sampled is refused in words', async t => {
  const nan: Denoiser = async x => ({ shape: x.shape, values: x.values.map(() => Number.NaN) })
  await t.rejects(heun(nan, start, [1, 0.5]), DenoiserDiverged)
  await t.rejects(probabilityFlow(nan, start, [1, 0.5]), DenoiserDiverged)
  for (const sigmas of [[1], [1, 2], [1, 0, 0], [Number.NaN, 1], [1, -1]])
    await t.rejects(ddim(exact, start, sigmas), UsageError)
  await t.rejects(probabilityFlow(exact, start, [1, 0.5], { absolute: 0, relative: 0 }), UsageError)
  t.throws(() => stateOf([1, 2, 3], new Float32Array(5)), UsageError)
  const rough: Denoiser = async x => ({
    shape: x.shape,
    values: x.values.map((v, i) => v * 1e6 * Math.sin(1e7 * v + i)),
  })
  await t.rejects(
    probabilityFlow(rough, { shape: [1, 1, 2], values: Float32Array.of(1, 2) }, [1, 0.5], {
      absolute: 1e-5,
      relative: 0,
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
