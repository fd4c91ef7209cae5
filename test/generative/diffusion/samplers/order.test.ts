import t from 'tap'
import { type Denoiser, makeKey, type State } from '../../../../src/core/index.js'
import { ddim, dpmpp2m, heun, karrasSigmas, logUniformSigmas } from '../../../../src/generative/diffusion/index.js'
import { denoiserOf, drawMixture, rms, threeClumps } from '../mixture.js'

type Deterministic = (denoise: Denoiser, noise: State, sigmas: readonly number[]) => Promise<State>

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
      for (const steps of [64, 128, 256]) errors.push(rms(await sampler(exact, start, list({ ...range, steps })), reference))
      const orders = [Math.log2(errors[0] / errors[1]), Math.log2(errors[1] / errors[2])]
      t.comment(`${errors.map(e => e.toExponential(2)).join(' ')}: orders ${orders.map(o => o.toFixed(2)).join(' ')}`)
      for (const measured of orders) t.ok(Math.abs(measured - order) < 0.25, `order ${measured.toFixed(2)}`)
    })
  }
}
