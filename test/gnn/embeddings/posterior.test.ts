import * as tf from '@tensorflow/tfjs'
import t from 'tap'
import { type ArrayValue, type Key, makeKey, normal, uniform } from '../../../core/index.js'
import { makeTrainer } from '../../../engine/index.js'
import { makeFlow } from '../../../generative/flow/index.js'
import { makeEmbedding } from '../../../gnn/embeddings/index.js'

await tf.setBackend('cpu')

const points = 12

/**
 * Clouds of numbers drawn from N(2 (b - 1/2), 10^(2 a - 1)), with a and b uniform: what the posterior of (a, b) is, a
 * grid knows.
 */
function draws(key: Key, rows: number): { x: ArrayValue; theta: ArrayValue } {
  const theta = uniform(key.split('theta'), [rows, 2])
  const noise = normal(key.split('noise'), [rows, points])
  const x = noise.map((z, i) => {
    const row = Math.floor(i / points)
    return 2 * (theta[2 * row + 1] - 0.5) + 10 ** (theta[2 * row] - 0.5) * z
  })
  return { x: { shape: [rows, points, 1], values: x }, theta: { shape: [rows, 2], values: theta } }
}

/** log p(theta | x), on a grid of 40 by 40 cells of the unit square. */
function exact(x: Float32Array, theta: readonly number[]): number {
  const logLikelihood = (a: number, b: number): number => {
    const [sigma, mean] = [10 ** (a - 0.5), 2 * (b - 0.5)]
    return x.reduce((sum, v) => sum - Math.log(sigma) - 0.5 * ((v - mean) / sigma) ** 2, 0)
  }
  const cells = Array.from({ length: 1600 }, (_, i) =>
    logLikelihood((Math.floor(i / 40) + 0.5) / 40, ((i % 40) + 0.5) / 40),
  )
  const top = Math.max(...cells)
  const evidence = top + Math.log(cells.reduce((sum, l) => sum + Math.exp(l - top), 0) / 1600)
  return logLikelihood(theta[0], theta[1]) - evidence
}

t.test('embedding and flow, trained together, come to the exact posterior', async t => {
  const steps = 350
  const embedding = makeEmbedding({ kind: 'deep-sets', features: 1, width: 32, layers: 3, outputs: 8, conditions: 0 })
  const box = { low: [0, 0], high: [1, 1] }
  const flow = makeFlow({ kind: 'maf', dim: 2, conditions: 8, layers: 3, hidden: [32], box })
  const key = makeKey(6)
  type Params = { readonly embedding: tf.Tensor; readonly flow: tf.Tensor }
  const trainer = makeTrainer(
    (params, { x, theta }: { x: tf.Tensor; theta: tf.Tensor }) => {
      const p = params as Params
      const summary = embedding.apply(p.embedding, { positions: x, features: x })
      return { loss: flow.logProb(p.flow, theta, summary).mean().neg() }
    },
    { embedding: embedding.init(key.split('embedding')), flow: flow.init(key.split('flow')) },
    { schedule: { peak: 5e-3, warmup: 20, steps }, clip: 5, ema: 0.98, threads: 1 },
  )
  for (let i = 0; i < steps; i++) await trainer.step(draws(key.split('batch').split(i), 128))
  const test = draws(key.split('test'), 1000)
  const { loss } = await trainer.measure(test)
  const truth = Array.from({ length: 1000 }, (_, i) => {
    const x = (test.x.values as Float32Array).subarray(i * points, (i + 1) * points)
    return exact(x, [test.theta.values[2 * i], test.theta.values[2 * i + 1]])
  })
  const missing = truth.reduce((a, b) => a + b, 0) / 1000 + loss.values[0]
  t.ok(missing > -0.03 && missing < 0.15, `${missing} nats from the exact posterior`)
  await trainer.close()
})
