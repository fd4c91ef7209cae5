import * as tf from '@tensorflow/tfjs'
import t from 'tap'
import { makeKey, normal } from '../../../core/index.js'
import { awake, inputOf, leavesOf, randomClouds, withLeaves } from './clouds.js'
import { networks } from './dictionary.js'

await tf.setBackend('cpu')

/**
 * The derivative along a random direction of all parameters against a central difference. In float32 the difference is
 * good to about rounding / step + step^2, so a step of 3e-3 (of unit direction) and a tolerance of a percent of the
 * gradient's length.
 */
for (const [name, { make }] of Object.entries(networks)) {
  t.test(`${name}: gradients are those of finite differences`, async t => {
    const key = makeKey(5)
    tf.tidy(() => {
      const params = awake(make.init(key), key.split('awake'))
      const leaves = leavesOf(params)
      const input = inputOf(randomClouds(key.split('clouds')))
      const weight = tf.tensor(
        normal(key.split('weight'), make.apply(params, input).shape),
        make.apply(params, input).shape,
      )
      const loss = (...at: tf.Tensor[]): tf.Scalar => make.apply(withLeaves(params, at), input).mul(weight).sum()
      const { grads } = tf.valueAndGrads(loss)(leaves)
      const length = Math.sqrt(grads.reduce((sum, g) => sum + g.square().sum().dataSync()[0], 0))
      t.ok(length > 0.1)
      for (let trial = 0; trial < 3; trial++) {
        const raw = leaves.map((l, i) =>
          tf.tensor(normal(key.split('direction').split(trial).split(i), l.shape), l.shape),
        )
        // half random, half along the gradient, so that the derivative is not lost in rounding
        const norm = Math.sqrt(raw.reduce((sum, d) => sum + d.square().sum().dataSync()[0], 0))
        const mixed = raw.map((d, i) => d.div(norm).add(grads[i].div(length)))
        const size = Math.sqrt(mixed.reduce((sum, d) => sum + d.square().sum().dataSync()[0], 0))
        const direction = mixed.map(d => d.div(size))
        const slope = grads.reduce((sum, g, i) => sum + g.mul(direction[i]).sum().dataSync()[0], 0)
        const step = 3e-3
        const at = (s: number) => loss(...leaves.map((l, i) => l.add(direction[i].mul(s)))).dataSync()[0]
        const measured = (at(step) - at(-step)) / (2 * step)
        t.ok(Math.abs(measured - slope) < 0.01 * length, `trial ${trial}: gradient ${slope}, differences ${measured}`)
      }
    })
  })
}
