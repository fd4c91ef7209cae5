import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import t from 'tap'
import { makeKey, type Tree, UsageError } from '../../../core/index.js'
import { DenoiserDiverged, sample, samplerNames, samplers } from '../../../generative/diffusion/index.js'

// Data ~ N((3, -1), 0.5^2): the best denoiser is known.
const mean = [3, -1]
const sd = 0.5
const denoise = (x: Tensor, sigma: Tensor) => {
  const noisy = sigma.square()
  return x
    .mul(sd ** 2)
    .add(tf.tensor(mean).mul(noisy))
    .div(noisy.add(sd ** 2))
}

for (const sampler of samplerNames) {
  t.test(`${sampler}: draws of a Gaussian by its own denoiser`, async t => {
    const options = { shape: [3000, 2], sampler, steps: 60, key: makeKey(8) }
    const { shape, values } = await sample(denoise, options)
    t.same(shape, [3000, 2])
    for (const axis of [0, 1]) {
      const column = values.filter((_, i) => i % 2 === axis)
      const found = column.reduce((sum, value) => sum + value, 0) / 3000
      const spread = Math.sqrt(column.reduce((sum, value) => sum + (value - found) ** 2, 0) / 3000)
      t.ok(Math.abs(found - mean[axis]) < 0.04, `mean ${found}`)
      t.ok(Math.abs(spread / sd - 1) < (samplers[sampler].order === 1 ? 0.15 : 0.06), `deviation ${spread}`)
    }
    t.same((await sample(denoise, options)).values, values, 'the same key draws the same numbers')
  })
}

t.test('parameters and noise levels of the caller', async t => {
  const scaled = (x: Tensor, sigma: Tensor, params: Tree<Tensor>) => {
    const { centre } = params as { readonly centre: Tensor }
    return centre.add(x.mul(0)).add(sigma.mul(0))
  }
  const params = { centre: { shape: [1], values: Float32Array.of(7) } }
  const { values } = await sample(scaled, { shape: [2, 3, 1], sigmas: [1, 0], params, key: makeKey(0) })
  t.ok(values.length === 6 && values.every(value => Math.abs(value - 7) < 1e-5))
})

t.test('what cannot be sampled is refused', async t => {
  const key = makeKey(0)
  await t.rejects(sample(denoise, { shape: [1, 2], sigmas: [1, 2], key }), UsageError)
  const unknown = JSON.parse('{ "sampler": "euler" }') as { readonly sampler: 'heun' }
  await t.rejects(sample(denoise, { shape: [1, 2], ...unknown, key }), /got euler/)
  await t.rejects(
    sample(x => x.div(0), { shape: [1, 2], key }),
    DenoiserDiverged,
  )
})
