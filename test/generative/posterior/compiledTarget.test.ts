import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import { inverse, Matrix } from 'ml-matrix'
import t from 'tap'
import { makeKey, normal, type Tree } from '../../../core/index.js'
import {
  compiledTarget,
  errorOfMean,
  pointwiseTarget,
  sampleNuts,
  seriesOf,
} from '../../../generative/posterior/index.js'

/**
 * y = design w + noise of variance 1 / 4, w ~ N(0, I): the posterior is normal, with precision I + 4 design^T design.
 */
const key = makeKey(11)
const [points, dim] = [60, 3]
const design = normal(key.split('design'), points * dim)
const y = normal(key.split('y'), points).map((e, i) => 0.5 * e + design[i * dim] - 0.7 * design[i * dim + 2])
const given = { design: { shape: [points, dim], values: design }, y: { shape: [1, points], values: y } }

function program(w: Tensor, data: Tree<Tensor>): Tensor {
  const { design: x, y: seen } = data as { design: Tensor; y: Tensor }
  const misses = tf.matMul(w as tf.Tensor2D, x as tf.Tensor2D, false, true).sub(seen)
  return misses.square().sum(1).mul(-2).sub(w.square().sum(1).div(2))
}

const X = new Matrix(Array.from({ length: points }, (_, i) => Array.from(design.subarray(i * dim, (i + 1) * dim))))
const precision = Matrix.eye(dim).add(X.transpose().mmul(X).mul(4))
const covariance = inverse(precision)
const mean = covariance
  .mmul(
    X.transpose()
      .mmul(Matrix.columnVector(Array.from(y)))
      .mul(4),
  )
  .to1DArray()

const exact = pointwiseTarget(
  dim,
  w => quadratic(w) - constant,
  (w, gradient) => {
    for (let i = 0; i < dim; i++) {
      gradient[i] = 0
      for (let j = 0; j < dim; j++) gradient[i] -= precision.get(i, j) * (w[j] - mean[j])
    }
    return quadratic(w) - constant
  },
)
function quadratic(w: Float64Array): number {
  let sum = 0
  for (let i = 0; i < dim; i++)
    for (let j = 0; j < dim; j++) sum -= 0.5 * (w[i] - mean[i]) * precision.get(i, j) * (w[j] - mean[j])
  return sum
}
/** What the program leaves at the mean. */
const constant = Array.from(y).reduce(
  (sum, value, i) => {
    const miss = value - mean.reduce((s, m, j) => s + m * design[i * dim + j], 0)
    return sum + 2 * miss ** 2
  },
  mean.reduce((sum, m) => sum + m ** 2 / 2, 0),
)

t.test('values and gradients of as many points as there are, beside the closed form', async t => {
  const target = await compiledTarget(dim, program, given, { threads: 2, rows: 8 })
  for (const n of [1, 8, 37]) {
    const rows = Float64Array.from(normal(key.split(n), n * dim))
    const [found, wanted] = [await target.withGradient(rows), await exact.withGradient?.(rows)]
    const plain = await target.logDensity(rows)
    t.equal(plain.length, n)
    t.same(plain, found.logDensity)
    for (let row = 0; row < n; row++) {
      const log = wanted?.logDensity[row] as number
      t.ok(Math.abs(found.logDensity[row] - log) < 1e-5 * Math.abs(log), `${found.logDensity[row]}, ${log}`)
    }
    found.gradient.forEach((slope, i) => {
      const own = wanted?.gradient[i] as number
      if (Math.abs(slope - own) > 1e-4 * (50 + Math.abs(own))) t.fail(`${slope}, ${own}`)
    })
  }
  await target.close()
})

t.test(
  'NUTS through one compiled step for 24 chains: the exact posterior, and the same draws on one thread and on two',
  async t => {
    const start = Float64Array.from(normal(key.split('start'), 24 * dim))
    const draws = []
    for (const threads of [1, 2]) {
      const target = await compiledTarget(dim, program, given, { threads, rows: 12 })
      draws.push(await sampleNuts(target, start, key, { warmUp: 100, length: 60 }))
      await target.close()
    }
    t.same(draws[0].draws, draws[1].draws)
    for (let p = 0; p < dim; p++) {
      const chains = seriesOf(draws[0], p)
      const all = chains.flatMap(chain => Array.from(chain))
      const own = all.reduce((a, b) => a + b, 0) / all.length
      const sd = Math.sqrt(all.reduce((sum, x) => sum + (x - own) ** 2, 0) / all.length)
      t.ok(Math.abs(own - mean[p]) < 4 * errorOfMean(chains), `mean ${own}, ${mean[p]}`)
      t.ok(Math.abs(sd / Math.sqrt(covariance.get(p, p)) - 1) < 0.1, `sd ${sd}`)
    }
  },
)
