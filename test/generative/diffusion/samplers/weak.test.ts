import { Matrix, solve } from 'ml-matrix'
import t from 'tap'
import { makeKey, normal, type State } from '../../../../core/index.js'
import { logUniformSigmas, type Sampler, samplers } from '../../../../generative/diffusion/index.js'
import { denoiserOf, oneGaussian } from '../mixture.js'

const sd = 0.7
const range = { largest: 10, smallest: 0.1 }

/**
 * The variance that a sampler leaves behind, with no Monte Carlo error: for Gaussian data the denoiser is linear, so
 * what comes out is linear in the start and in each step's draw, and the weights of these are found by least squares.
 */
async function varianceDrawn({ run }: Sampler, steps: number): Promise<number> {
  const key = makeKey(5)
  const points = 3 * (steps + 1)
  const start = Math.hypot(sd, range.largest)
  const draws = [
    normal(key.split('start'), points),
    ...Array.from({ length: steps }, (_, i) => normal(key.split(i), points)),
  ]
  const noise: State = { shape: [1, points, 1], values: draws[0].map(z => start * z) }
  const drawn = await run(denoiserOf(oneGaussian(sd)), noise, logUniformSigmas({ ...range, steps }), key)
  const design = Matrix.from1DArray(
    draws.length,
    points,
    draws.flatMap(d => [...d]),
  ).transpose()
  const weights = solve(design, Matrix.columnVector([...drawn.values]), true).to1DArray()
  return weights.reduce((sum, weight) => sum + weight ** 2, 0)
}

for (const [name, sampler] of Object.entries<Sampler>(samplers)) {
  if (!sampler.draws) continue
  const { order } = sampler
  t.test(`${name}: the error of the variance falls with order ${order}`, async t => {
    const errors: number[] = []
    for (const steps of [16, 32, 64, 128])
      errors.push((await varianceDrawn(sampler, steps)) - (sd ** 2 + range.smallest ** 2))
    const orders = errors.slice(1).map((error, i) => Math.log2(errors[i] / error))
    t.comment(`${errors.map(e => e.toExponential(2)).join(' ')}: orders ${orders.map(o => o.toFixed(2)).join(' ')}`)
    for (const measured of orders.slice(1)) t.ok(Math.abs(measured - order) < 0.3, `order ${measured.toFixed(2)}`)
  })
}
