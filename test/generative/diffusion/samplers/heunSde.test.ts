import { Matrix, solve } from 'ml-matrix'
import t from 'tap'
import { makeKey, normal, type State } from '../../../../core/index.js'
import { heunSde, logUniformSigmas } from '../../../../generative/diffusion/index.js'
import { denoiserOf, oneGaussian } from '../mixture.js'

const SD = 0.7
const range = { largest: 10, smallest: 0.1 }

/**
 * The variance left behind, without Monte Carlo error: what comes out is linear in the start and in each step's draw
 * (as in weak.test.ts).
 */
async function varianceDrawn(steps: number): Promise<number> {
  const key = makeKey(5)
  const points = 3 * (steps + 1)
  const draws = [
    normal(key.split('start'), points),
    ...Array.from({ length: steps }, (_, i) => normal(key.split(i), points)),
  ]
  const noise: State = { shape: [1, points, 1], values: draws[0].map(z => Math.hypot(SD, range.largest) * z) }
  const drawn = await heunSde(denoiserOf(oneGaussian(SD)), noise, logUniformSigmas({ ...range, steps }), key)
  const design = Matrix.from1DArray(
    draws.length,
    points,
    draws.flatMap(draw => [...draw]),
  ).transpose()
  const weights = solve(design, Matrix.columnVector([...drawn.values]), true).to1DArray()
  return weights.reduce((sum, weight) => sum + weight ** 2, 0)
}

t.test('the error of the variance falls with order 2', async t => {
  const errors: number[] = []
  for (const steps of [16, 32, 64, 128]) errors.push((await varianceDrawn(steps)) - (SD ** 2 + range.smallest ** 2))
  const orders = errors.slice(1).map((error, i) => Math.log2(errors[i] / error))
  t.comment(`${errors.map(e => e.toExponential(2)).join(' ')}: orders ${orders.map(o => o.toFixed(2)).join(' ')}`)
  for (const order of orders.slice(1)) t.ok(order > 1.8 && order < 2.3, `order ${order.toFixed(2)}`)
})

t.test('a last step to 0 returns the denoised state, and costs one evaluation', async t => {
  let evaluations = 0
  const half = async (x: State): Promise<State> => {
    evaluations++
    return { shape: x.shape, values: x.values.map(v => v / 2) }
  }
  const x: State = { shape: [1, 2, 1], values: Float32Array.of(1, -2) }
  t.same((await heunSde(half, x, [3, 0], makeKey(1))).values, Float32Array.of(0.5, -1))
  t.equal(evaluations, 1)
  evaluations = 0
  const sigmas: number[] = []
  const drawn = await heunSde(half, x, [3, 2, 1, 0], makeKey(1), step => sigmas.push(step.sigma))
  t.equal(evaluations, 5)
  t.same(sigmas, [2, 1, 0])
  t.same(drawn, await heunSde(half, x, [3, 2, 1, 0], makeKey(1)), 'the same key draws the same')
  t.notSame(drawn, await heunSde(half, x, [3, 2, 1, 0], makeKey(2)))
})
